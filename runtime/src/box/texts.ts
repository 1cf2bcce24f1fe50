const TEXTS: Record<string, [failed: string, close: string]> = {
  en: ['Chat unavailable', 'Close'],
  uk: ['Чат недоступний', 'Закрити'],
  pt: ['Chat indisponível', 'Fechar'],
  pl: ['Czat niedostępny', 'Zamknij'],
  de: ['Chat nicht verfügbar', 'Schließen'],
  es: ['Chat no disponible', 'Cerrar'],
  fr: ['Chat indisponible', 'Fermer'],
};

/**
 * The built-in texts in the language of the page (`xml:lang` in XML), where there are any in it, or in English; and what to mark
 * them with, so that they are read aloud with the right voice.
 */
export const texts = (): { page: string; lang: string; loading: string; failed: string; close: string } => {
  const root = document.documentElement;
  const page = root.lang || root.getAttribute('xml:lang') || document.body.lang;
  const known = TEXTS[page.toLowerCase().split(/[-_]/)[0]!];
  const [failed, close] = known || TEXTS.en!;
  // The first word, alone, says that the chat is on its way.
  return { page, lang: known ? page : 'en', loading: failed.split(' ')[0] + '…', failed, close };
};

/** What the site's owner reads on the console. */
export const REASONS: Record<string, string> = {
  network: 'the endpoint did not answer, or too late',
  reply: 'the reply of the endpoint holds no token',
  expired: 'the endpoint handed out tokens that have expired',
  script: "the widget's script did not load",
  threw: "the widget's script ended with an error",
  blocked: "a policy of the page, or something in the browser, blocks the endpoint or the widget's script",
  config: 'an option is wrong, or the endpoint is on another origin without https',
};
