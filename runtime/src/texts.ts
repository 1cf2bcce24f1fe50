/**
 * For when the chat cannot be shown: each language's text after its code, English otherwise. The first word, alone,
 * says that the chat is on its way.
 */
export const textFor = (language: string): string =>
  (
    '|uk|Чат недоступний' +
    '|pt|Chat indisponível' +
    '|pl|Czat niedostępny' +
    '|de|Chat nicht verfügbar' +
    '|es|Chat no disponible' +
    '|fr|Chat indisponible|'
  )
    .split(`|${language.slice(0, 2)}|`)[1]
    ?.split('|')[0] || 'Chat unavailable';
