import type { Options } from './types.ts';

/** Told of what the visitor does and of what has loaded. */
export let occasion: ((event: any) => void) | undefined;

let observer: IntersectionObserver | undefined;

/** Calls `load` when the moment that the page asked for has come, unless something else is waited for by then. */
export const whenToLoad = ({ load: when, target }: Options, load: () => void): void => {
  let element: Element | null | undefined;
  try {
    element = document.querySelector(target || 'a[data-chathub-contact]');
  } catch {
    // It is no selector.
  }
  // Safari has no requestIdleCallback; there the options are no delay, which is none.
  const idle = (): unknown => (window.requestIdleCallback || setTimeout)(load, { timeout: 1e4 } as any);
  occasion = undefined;
  observer?.disconnect();
  if (when === 'manual') return;
  if (when === 'interaction' || (navigator as { connection?: { saveData?: boolean } }).connection?.saveData)
    occasion = ({ type, target: at }) => /down|click/.test(type) && ((target && element && !element.contains(at)) || load());
  else if (when === 'eager') load();
  else if (when === 'visible' && element) (observer = new IntersectionObserver((entries) => entries.pop()!.isIntersecting && load())).observe(element);
  else {
    // A picture that never comes keeps the page from ever being loaded.
    setTimeout(idle, document.readyState === 'complete' ? 0 : 1e4);
    occasion = ({ type }) => type === 'load' && idle();
  }
};
