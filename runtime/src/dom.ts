import type { EventDetail } from './types.ts';

/**
 * Listens on the window in the capture phase: there events pass too that are fired at the document and do not bubble
 * (`resume`, those of navigation libraries and consent banners). The same listener again is not added twice.
 */
export const on = (names: string, listener: (event: any) => void, signal?: AbortSignal): void =>
  names.split(' ').forEach((name) => addEventListener(name, listener, { capture: true, signal }));

/** Announces something on `document`; `false` if the page has said no. */
export const emit = (name: string, detail: EventDetail): boolean =>
  document.dispatchEvent(new CustomEvent('chathub:' + name, { detail, bubbles: true, cancelable: true }));

/** The first element, none where the selector is no selector. */
export const find = (selector: string): HTMLElement | null | undefined => {
  try {
    return document.querySelector<HTMLElement>(selector);
  } catch {
    return;
  }
};
