import type { chat } from '../chat.ts';
import { render } from './box.ts';

const enum Time {
  /** Between occasions that may be taken. */
  Pause = 3e4,
  /** A server that asks for more patience than this has failed, for now. */
  Patience = 12e4,
  /** Between attempts, after all that came quickly have failed. */
  Long = 3e5,
  Hour = 36e5,
}

/** What a failure may be named by; no other text goes further. */
const WORDS = ['config', 'reply', 'expired', 'script', 'threw', 'blocked'];

/** Decides what to do about a failure: waits for the next attempt and says no, or plans a later one and says yes. */
export const judge = async (core: typeof chat, problem: any): Promise<boolean> => {
  const { token_: token, options_: options, org_: org } = core;
  const dead = core.isDead_();
  if (problem === 'offline') {
    if (dead) core.fail_('offline');
    render(core);
    await core.sleep_(Time.Pause);
    return false;
  }
  // Whether a policy has to do with it is told in a task of its own.
  await core.sleep_(0);
  const { forbidden_: forbidden } = core;
  core.forbidden_ = '';
  const { status, headers } = (problem || 0) as Partial<Response>;
  const header = (name: string): any => headers?.get?.(name);
  const after = header('retry-after');
  const isBlocked = forbidden && (core.isWidgets_(forbidden) || forbidden.includes(options.endpoint!));
  // Whatever the page's own `getToken` rejects with goes no further: it may hold anything.
  const code = isBlocked ? 'blocked' : WORDS.includes(problem) ? problem : +status! || 'network';
  // A date is one of the server's clock.
  const pause = Math.max(0, after * 1e3 || Date.parse(after) - (Date.parse(header('date')) || Date.now()) || 0);
  // What it takes off the retries. A cache on the way may have held a token for too long: worth a single one.
  const cost: any = code === 'expired' ? 5 : /network|script|408|429|5../.test(code);
  if (cost && pause <= Time.Patience && core.attempt_ < Math.min(5, (options.retries as number) ?? 5)) {
    // Full jitter: anything up to a bound that doubles with every attempt.
    const wait = core.sleep_(pause + Math.random() * 1e3 * 2 ** core.attempt_);
    core.attempt_ += cost;
    await wait;
    return false;
  }
  // As long as the last token lives, the widget may go on.
  if (dead || !cost) {
    core.fail_('failed');
    render(core, code);
  }
  core.emit_('error', { code, org });
  const wait = Math.max(pause, cost ? Time.Long : Time.Hour);
  core.arm_(Date.now() + Math.max(pause, Time.Pause), dead ? wait : Math.min(wait, token!.deadline_ - Date.now()));
  return true;
};
