/** While loading, and when the chat cannot be shown; by language. */
export const TEXTS: Record<string, [string, string]> = {
  en: ['Loading chat', 'Chat unavailable'],
  uk: ['Чат завантажується', 'Чат недоступний'],
  pt: ['A carregar o chat', 'Chat indisponível'],
  pl: ['Ładowanie czatu', 'Czat niedostępny'],
  de: ['Chat wird geladen', 'Chat nicht verfügbar'],
  es: ['Cargando el chat', 'Chat no disponible'],
  fr: ['Chargement du chat', 'Chat indisponible'],
};
