import { find, on } from './dom.ts';
import type { Options } from './types.ts';

/** What is waited for: ended by `abort`. */
export let waiting = new AbortController();

/** Calls `load` when the moment that the page asked for has come. A moment that was waited for before is forgotten. */
export const whenToLoad = ({ load: when, target }: Options, load: () => void): void => {
  waiting.abort();
  const { signal } = (waiting = new AbortController());
  const element = find(target || 'a[data-chathub-contact]');
  const now = (): void => {
    if (!signal.aborted) load();
  };
  // Safari has no requestIdleCallback; there the options are no delay, which is none.
  const idle = (): unknown => (window.requestIdleCallback || setTimeout)(now, { timeout: 1e4 } as any);
  if (when === 'manual') return;
  if (when === 'interaction' || (navigator as { connection?: { saveData?: boolean } }).connection?.saveData)
    on('pointerdown keydown click', ({ target: at }) => (target && element && !element.contains(at)) || now(), signal);
  else if (when === 'eager') now();
  else if (when === 'visible' && element) {
    const observer = new IntersectionObserver((entries) => entries.pop()!.isIntersecting && now());
    observer.observe(element);
    signal.onabort = () => observer.disconnect();
  } else {
    // A picture that never comes keeps the page from ever being loaded.
    setTimeout(idle, document.readyState === 'complete' ? 0 : 1e4);
    on('load', idle, signal);
  }
};
