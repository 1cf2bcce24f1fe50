import type { Options } from './types.ts';

let observer: IntersectionObserver | undefined;

/**
 * Calls `load` when the moment that the page asked for has come. It is called again with whatever the visitor does and whatever has
 * loaded, until then.
 */
export const whenToLoad = ({ load: when, target }: Options, load: () => void, { type, target: at }: any): void => {
  let element: Element | null | undefined;
  try {
    element = document.querySelector(target || 'a[data-chathub-contact]');
  } catch {
    // It is no selector.
  }
  observer?.disconnect();
  if (when === 'manual') return;
  if (when === 'interaction' || (navigator as { connection?: { saveData?: boolean } }).connection?.saveData)
    /down|click/.test(type) && (!target || !element || element.contains(at)) && load();
  else if (when === 'eager') load();
  else if (when === 'visible' && element) (observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && load())).observe(element);
  // A picture that never comes keeps the page from ever being loaded. Safari has no requestIdleCallback; there the options are no
  // delay, which is none.
  else setTimeout(() => (window.requestIdleCallback || setTimeout)(load, { timeout: 1e4 } as any), document.readyState === 'complete' ? 0 : 1e4);
};
