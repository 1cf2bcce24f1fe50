import type { EventDetail } from './types.ts';

/**
 * Listens on the window in the capture phase: there events pass too that are fired at the document and do not bubble
 * (`resume`, those of navigation libraries and consent banners).
 */
export const on = (names: string, listener: (event: any) => void): void =>
  names.split(' ').forEach((name) => addEventListener(name, listener, true));

/** Announces something on `document`. */
export const emit = (name: string, detail: EventDetail): boolean =>
  document.dispatchEvent(new CustomEvent('chathub:' + name, { detail }));

/** Creates an element. A style set this way goes through the CSSOM, which no Content-Security-Policy forbids. */
export const make = <K extends keyof HTMLElementTagNameMap>(name: K, properties: object): HTMLElementTagNameMap[K] =>
  Object.assign(document.createElement(name), properties);

/** Ends the current `sleep`. */
export let wake = (): void => {};

/** Resolves after so many milliseconds, or on `wake`. A timer beyond 2^31 ms would fire at once. */
export const sleep = (ms: number): Promise<void> =>
  new Promise((done) => {
    setTimeout((wake = done), Math.min(ms, 2e9));
  });
