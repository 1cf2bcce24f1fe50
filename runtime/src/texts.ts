const FAILED: Record<string, string> = {
  uk: 'Чат недоступний',
  pt: 'Chat indisponível',
  pl: 'Czat niedostępny',
  de: 'Chat nicht verfügbar',
  es: 'Chat no disponible',
  fr: 'Chat indisponible',
};

/**
 * For when the chat cannot be shown, in the page's language or in English. The first word, alone, says that the chat
 * is on its way.
 */
export const textFor = (language: string): string => FAILED[language.slice(0, 2)] || 'Chat unavailable';
