const TEXTS: Record<string, [failed: string, close: string]> = {
  en: ['Chat unavailable', 'Close'],
  uk: ['Чат недоступний', 'Закрити'],
  pt: ['Chat indisponível', 'Fechar'],
  pl: ['Czat niedostępny', 'Zamknij'],
  de: ['Chat nicht verfügbar', 'Schließen'],
  es: ['Chat no disponible', 'Cerrar'],
  fr: ['Chat indisponible', 'Fermer'],
};

/** What is read aloud with the right voice: the language of the page, `xml:lang` in XML, where there are texts in it, or English. */
export const texts = (): { lang: string; loading: string; failed: string; close: string } => {
  const root = document.documentElement;
  const asked = (root.lang || root.getAttribute('xml:lang') || '').slice(0, 2).toLowerCase();
  const lang = TEXTS[asked] ? asked : 'en';
  const [failed, close] = TEXTS[lang]!;
  // The first word, alone, says that the chat is on its way.
  return { lang, loading: failed.split(' ')[0] + '…', failed, close };
};

/** What the site's owner reads on the console. */
export const REASONS: Record<string, string> = {
  network: 'the endpoint did not answer, or too late',
  reply: 'the reply of the endpoint holds no token',
  expired: 'the endpoint handed out tokens that have expired',
  script: "the widget's script did not load",
  threw: "the widget's script ended with an error",
  blocked: "a policy of the page forbids the endpoint or the widget's script",
  config: 'an option is wrong, or the endpoint is on another origin without https',
};
