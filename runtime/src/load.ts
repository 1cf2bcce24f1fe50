import { on } from './dom.ts';
import type { Options } from './types.ts';

/** Calls `load` when the moment that the page asked for has come; perhaps more than once. */
export const whenToLoad = ({ load: when, target }: Options, load: () => void): void => {
  const element = document.querySelector(target || 'a[data-chathub-contact]');
  // Safari has no requestIdleCallback; there the options are no delay, which is none.
  const idle = (): unknown => (window.requestIdleCallback || setTimeout)(load, { timeout: 1e4 } as any);
  if (when === 'manual') return;
  if (when === 'interaction' || (navigator as { connection?: { saveData?: boolean } }).connection?.saveData)
    on('pointerdown keydown click', ({ target: at }) => {
      if (!target || at.closest(target)) load();
    });
  else if (when === 'eager') load();
  else if (when === 'visible' && element)
    new IntersectionObserver((entries) => {
      if (entries.pop()!.isIntersecting) load();
    }).observe(element);
  else if (document.readyState === 'complete') idle();
  else on('load', idle);
};
