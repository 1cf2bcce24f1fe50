import { on } from './dom.ts';
import type { Settings } from './options.ts';

/** Calls `start`, once, when the moment that the page asked for has come. */
export const whenToLoad = (settings: Settings, start: () => void, signal: AbortSignal): void => {
  let started = false;
  const load = (): void => {
    if (!started) start();
    started = true;
  };
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  const { target } = settings;
  const element = document.querySelector(target || 'a[data-chathub-contact]');
  let when = settings.load || 'idle';
  if (when === 'manual') return;
  if (connection?.saveData) when = 'interaction';
  if (when === 'eager') load();
  else if (when === 'interaction')
    on(
      'pointerdown keydown click',
      (event: Event) => (!target || (event.target as Element).closest?.(target)) && load(),
      signal,
    );
  else if (when === 'visible' && element) {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        load();
      }
    });
    observer.observe(element);
  } else {
    const idle = (): unknown => ('requestIdleCallback' in window ? requestIdleCallback(load, { timeout: 5e3 }) : setTimeout(load, 200));
    if (document.readyState === 'complete') idle();
    else on('load', idle, signal);
  }
};
