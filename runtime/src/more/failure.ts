import { on } from '../dom.ts';
import { ENDPOINT, locate } from '../token.ts';
import { core } from '../core.ts';
import { isKeptBack } from './blocker.ts';
import { read } from './reply.ts';
import { show } from './show.ts';

const enum Time {
  /** Between occasions that may be taken. */
  Pause = 3e4,
  /** A server that asks for more patience than this has failed, for now. */
  Patience = 12e4,
  /** Between attempts, after all that came quickly have failed. */
  Long = 3e5,
  Hour = 36e5,
  /** A timer beyond 2^31 ms would fire at once. */
  Most = 2e9,
}

/** Attempts that have failed since there was a chat, or something else was wanted. */
let attempts = 0;
/** What a failure may be named by; no other text goes further. */
const WORDS = ['reply', 'expired'];

const sleep = (ms: number): Promise<void> =>
  new Promise((done) => {
    setTimeout((core.wake_ = done), Math.min(ms, Time.Most));
  });

on('online', () => core.wake_?.());
on('chathub:ready chathub:refresh chathub:state', ({ detail }) => {
  if (!/loading|offline|failed/.test(detail.state)) attempts = 0;
});

/** Whether no request can be made by these options. */
const isWrong = (): boolean => {
  const { getToken, endpoint, credentials } = core.options_;
  try {
    return !getToken && !new Request(locate(endpoint || ENDPOINT), { credentials });
  } catch {
    return true;
  }
};

/** Decides what to do about a failure: waits for the next attempt and says yes, or plans a later one and says no. */
export const judge = async (problem: any, mine: AbortController): Promise<boolean> => {
  const isStale = (): boolean => core.limit_ !== mine;
  const { token_: token, options_: options } = core;
  const dead = !(token?.deadline_! > Date.now());
  if (problem?.value_ !== undefined)
    try {
      const found = await read(problem, mine);
      if (!isStale()) core.spare_ = found;
      return true;
    } catch (word) {
      problem = word;
    }
  // Whether a policy has to do with it is told in a task of its own.
  await sleep(0);
  if (isStale()) return true;
  const { forbidden_: forbidden } = core;
  core.forbidden_ = undefined;
  if (problem === 0) {
    if (dead) core.set_('offline');
    show();
    await sleep(Time.Pause);
    return true;
  }
  const { status, headers } = (problem || 0) as Partial<Response>;
  const header = (name: string): any => headers?.get?.(name);
  const after = header('retry-after');
  // Trusted Types forbid by an exception, when there is a token already.
  const isBlocked = forbidden ? core.isWidgets_(forbidden) || forbidden.includes(options.endpoint || ENDPOINT) : core.spare_ && problem instanceof Error;
  let code = isBlocked
    ? 'blocked'
    : core.spare_
      ? problem === true
        ? 'threw'
        : 'script'
      : // Whatever the page's own `getToken` rejects with goes no further: it may hold anything.
        WORDS.includes(problem)
        ? problem
        : +status! || (problem instanceof URL || isWrong() ? 'config' : 'network');
  // A date is one of the server's clock.
  const pause = Math.max(0, after * 1e3 || Date.parse(after) - (Date.parse(header('date')) || Date.now()) || 0);
  const keptBack = /network|script/.test(code) && isKeptBack();
  // What it takes off the retries. A cache on the way may have held a token for too long: worth a single one, as is a guess.
  const cost: any = keptBack || code === 'expired' ? 5 : /network|script|408|429|5../.test(code);
  if (cost && pause <= Time.Patience && attempts < Math.min(5, (options.retries as number) ?? 5)) {
    // Full jitter: anything up to a bound that doubles with every attempt.
    const wait = sleep(pause + Math.random() * 1e3 * 2 ** attempts);
    attempts += cost;
    await wait;
    return true;
  }
  if (keptBack) code = 'blocked';
  // As long as the last token lives, the widget may go on.
  if (dead || !cost) {
    core.spare_ = undefined;
    core.set_('failed');
    show(code);
  }
  core.emit_('error', { code });
  const wait = Math.max(pause, cost ? Time.Long : Time.Hour);
  // What the visitor does may be an occasion only where there is no chat.
  if (dead) core.arm_(Math.min(wait, Time.Most), Math.max(pause, Time.Pause));
  else core.arm_(Math.min(wait, token!.deadline_ - Date.now()));
  return false;
};
