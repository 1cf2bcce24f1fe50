import { core } from '../core.ts';
import { ENDPOINT } from '../token.ts';

/**
 * Whether something in the browser, such as an ad blocker, has kept the last request back, of the endpoint or of the widget's script.
 * Such a request takes no time. Firefox tells it from a name that it cannot resolve by its start, and Chromium, which
 * tells no start, needs more than a millisecond for the quickest failure of a network.
 */
export const isKeptBack = (): unknown => {
  const address = new URL(core.options_.endpoint || ENDPOINT, document.baseURI).href;
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  const last = entries.filter(({ name }) => core.isWidgets_(name) || name.startsWith(address)).pop();
  return last && !last.responseStatus && last.duration < 1 && (last.requestStart || last.duration);
};
