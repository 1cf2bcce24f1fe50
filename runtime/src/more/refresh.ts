import type { chat } from '../chat.ts';

const enum Time {
  /** Never two refreshes within this time. */
  Pause = 3e4,
}

/** By the time since the page was loaded, which nobody sets back. */
let refreshed = -1 / 0;

const isTooSoon = (): boolean => performance.now() - refreshed < Time.Pause;

const now = (core: typeof chat): Promise<void> => {
  refreshed = performance.now();
  return core.refresh_();
};

/** A refresh that is due, or (`asked`) that the page asks for. */
export const refresh = async (core: typeof chat, asked?: boolean): Promise<void> => {
  const { token_: token } = core;
  // After a failure there is nothing to disturb.
  if (!token) return core.refresh_();
  if (asked) return isTooSoon() ? undefined : now(core);
  // Not while the visitor writes, and when the page asks for patience, as long as the token allows it.
  const mayWait = token.deadline_ - Date.now() > 2 * Time.Pause;
  const busy = mayWait && (core.nodes_().some((node) => node.contains(document.activeElement)) || !core.emit_('beforerefresh', { org: core.org_ }));
  if (busy || isTooSoon()) return core.arm_(Date.now() + Time.Pause, Time.Pause);
  return now(core);
};

/** An error that speaks of something expired: the widget's own says that its token has. */
export const expired = async (core: typeof chat, { filename, message, reason }: any): Promise<void> => {
  if (!/token|jwt/i.test(message || reason.message) || !core.isWidgets_(filename || reason.stack)) return;
  if (isTooSoon()) core.arm_(Date.now() + Time.Pause, Time.Pause);
  else await now(core);
};
