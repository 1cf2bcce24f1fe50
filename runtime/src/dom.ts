import type { EventDetail } from './types.ts';

/**
 * Listens on the window in the capture phase: there events that are fired at the document and do not bubble
 * (`resume`, those of navigation libraries and consent banners) pass too.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const on = (names: string, listener: (event: any) => void, signal?: AbortSignal): void =>
  names.split(' ').forEach((name) => addEventListener(name, listener, { capture: true, signal }));

/** Resolves after so many milliseconds, or at once when aborted. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<unknown> =>
  new Promise((done) => {
    setTimeout(done, ms);
    if (signal) signal.onabort = done;
  });

/** Announces something on `document`. */
export const emit = (name: string, detail: EventDetail): boolean =>
  document.dispatchEvent(new CustomEvent('chathub:' + name, { detail }));
