const HOUR = 36e5;

/**
 * When to refresh a token that ends at `deadline`: an hour earlier, or with the last quarter of its life when that is
 * shorter, and up to a fifth of this margin sooner, so that many pages opened together do not ask together.
 */
export const refreshTime = (now: number, deadline: number): number =>
  deadline - Math.min(HOUR, (deadline - now) / 4) * (1 + Math.random() / 5);
