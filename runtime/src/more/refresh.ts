import { core } from '../core.ts';
import { script } from '../dom.ts';

const enum Time {
  /** Never two refreshes within this time. */
  Pause = 3e4,
}

/** By the time since the page was loaded, which nobody sets back. */
let refreshed = -1 / 0;

/** Asks the page. */
const mayRefresh = (): boolean =>
  document.dispatchEvent(new CustomEvent('chathub:beforerefresh', { detail: { org: core.org_ }, bubbles: true, cancelable: true }));

/** What is to be said against a refresh that is due, or (`byHand`) that the page asks for. */
export const object = (byHand?: boolean): boolean => {
  const isTooSoon = performance.now() - refreshed < Time.Pause;
  // Not while the visitor writes, and when the page asks for patience, as long as the token allows it.
  const mayWait = !byHand && core.token_!.deadline_ - Date.now() > 2 * Time.Pause;
  const isBusy = mayWait && (document.activeElement?.closest('[data-turbo-permanent=chathub]') || !mayRefresh());
  if (isBusy || isTooSoon) {
    if (!byHand) core.arm_(Time.Pause);
    return true;
  }
  refreshed = performance.now();
  return false;
};

/** An error of the widget's code. Perhaps it says that its token has expired: then that is not to be put off. */
export const expired = async ({ message, reason }: any): Promise<void> => {
  const text = `${message || reason?.message}`;
  if (!/expired/i.test(text) || !/token|jwt/i.test(text)) return;
  if (!object(true)) await core.refresh_();
  else core.arm_(Time.Pause);
};

/** Gives a new token to a widget that is there and takes it from its tag's attribute. */
export const renew = (jwt: string): boolean => {
  const tag = core.options_.refresh === 'attribute' && core.state_ === 'ready' && script();
  if (tag) tag.setAttribute('token', jwt);
  return !!tag;
};
