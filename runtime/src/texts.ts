import type { Texts } from './types.ts';

/** Built-in texts by language: loading, failed, contact, choose. */
const BUILT_IN: Record<string, string[]> = {
  en: ['Loading chat…', 'Chat is unavailable.', 'Contact us', 'Choose a chat'],
  uk: ['Чат завантажується…', 'Чат недоступний.', 'Зв’язатися з нами', 'Оберіть чат'],
  pt: ['A carregar o chat…', 'O chat não está disponível.', 'Contacte-nos', 'Escolha um chat'],
  pl: ['Ładowanie czatu…', 'Czat jest niedostępny.', 'Skontaktuj się z nami', 'Wybierz czat'],
  de: ['Chat wird geladen…', 'Der Chat ist nicht verfügbar.', 'Kontakt', 'Chat auswählen'],
  es: ['Cargando el chat…', 'El chat no está disponible.', 'Contáctenos', 'Elija un chat'],
  fr: ['Chargement du chat…', 'Le chat n’est pas disponible.', 'Nous contacter', 'Choisissez un chat'],
};

/** The page's language if there are texts in it, else English; with the texts. */
export const textsFor = (own: Partial<Texts>): Texts & { lang: string } => {
  const page = document.documentElement.lang.slice(0, 2).toLowerCase();
  const lang = BUILT_IN[page] ? page : 'en';
  const [loading, failed, contact, choose] = BUILT_IN[lang] as [string, string, string, string];
  return { lang, loading, failed, contact, choose, orgs: {}, ...own };
};
