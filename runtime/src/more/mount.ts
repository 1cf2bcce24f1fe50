import { core } from '../core.ts';

/** For an unmounted chat to be mounted again. */
const GRACE = 100;

/** Those that have let go: each counts once. */
const gone = new WeakSet<object>();

/** One of those that hold the chat lets go of it: when the last one has, the chat ends. */
export const leave = (holder: object): true => {
  if (!gone.has(holder)) setTimeout(() => --core.holders_ || core.stop_(), GRACE);
  gone.add(holder);
  return true;
};
