// For when the chat cannot be shown: English, then each language after its code. The first word, alone, says that it
// is on its way.
const TEXTS =
  'Chat unavailable' +
  '|uk|Чат недоступний' +
  '|pt|Chat indisponível' +
  '|pl|Czat niedostępny' +
  '|de|Chat nicht verfügbar' +
  '|es|Chat no disponible' +
  '|fr|Chat indisponible';

/** Built-in text in the page's language, or in English. */
export const textFor = (language: string): string =>
  (TEXTS.split(`|${language.slice(0, 2)}|`)[1] || TEXTS).split('|')[0]!;
