import { emit, on, sleep, wake } from './dom.ts';
import { whenToLoad } from './load.ts';
import { askToken, type Token } from './token.ts';
import type { Controller, Options, State } from './types.ts';
import { host, render } from './ui.ts';
import { blame, nodes, place, removeWidget } from './widget.ts';

const enum Time {
  /** Never two refreshes within this time. */
  Pause = 3e4,
  Hour = 36e5,
}

// The state machine of the document's one chat: from consent and trigger, over tokens, to the widget.
let settings: Options = {};
let org: string | undefined;
let state: State = 'idle';
/** Consent is there, or not needed. */
let allowed: boolean | undefined;
/** `init` was called, and `destroy` was not since. */
let open: boolean;
/** Consent given, page active: the chat listens and shows. */
let begun: boolean;
/** The moment to load has come. */
let asked: boolean;
/** What the widget runs with. */
let token: Token | undefined;
/** What the widget shall run with next, when it is known already. */
let spare: Token | undefined;
/** Raised by whatever makes the work under way obsolete: its result is dropped, and it starts over. */
let generation = 0;
let attempt: number;
let work: Promise<void> | undefined;
let fetching: AbortController | undefined;
let timer: number;
/** When the next attempt is due. */
let due: number;
let refreshed: number;

const show = (): void => render(state, settings, org, setOrg);

const set = (next: State): void => {
  if (state === next) return;
  state = next;
  show();
  emit('state', { state, org });
};

/** Sets the timer; no token lasts longer than a day, so that it stays far from the 2^31 ms that timers can do. */
const arm = (time: number): void => {
  clearTimeout(timer);
  due = time;
  if (token) timer = setTimeout(refresh, due - Date.now());
};

/** Does what is wanted now; whoever comes while it is being done shares it. */
const run = (): Promise<void> =>
  (work ||= (async () => {
    attempt = 0;
    while (begun && (org || !settings.orgs)) {
      const live = token;
      const mine = generation;
      if (!navigator.onLine) {
        if (!live) set('offline');
        await sleep(Time.Pause);
        continue;
      }
      if (!live) set('loading');
      try {
        const next = spare || (await askToken(settings, org, (fetching = new AbortController())));
        if (mine !== generation) continue;
        spare = next;
        // From here on there is no widget with the last one.
        token = undefined;
        await place(next.jwt_, settings);
        if (mine !== generation) continue;
        const { deadline_ } = (token = next);
        spare = undefined;
        // An hour before the end, or the last quarter of a shorter life, and a little sooner, so that many pages
        // opened together do not ask together.
        arm(deadline_ - Math.min(Time.Hour, (deadline_ - Date.now()) / 4) * (1 + Math.random() / 5));
        set('ready');
        emit(live ? 'refresh' : 'ready', { org });
        return;
      } catch (problem: any) {
        if (mine !== generation) continue;
        const { status, headers } = (problem || 0) as Partial<Response>;
        const after = headers?.get('retry-after') as string;
        const code = problem?.trim ? problem : status || 'network';
        // What it takes off the retries. A cache on the way may have held a token for too long: worth a single one.
        const cost: any = code === 'expired' ? 5 : /network|script|408|429|5../.test(code);
        if (cost && attempt < Math.min(5, (settings.retries as number) ?? 5)) {
          // Full jitter: anything up to a bound that doubles with every attempt.
          const pause = sleep((+after * 1e3 || Date.parse(after) - Date.now() || 0) + Math.random() * 1e3 * 2 ** attempt);
          attempt += cost;
          await pause;
        } else {
          // As long as the last token lives, the widget may go on.
          if (!token || !cost || token.deadline_ < Date.now()) {
            token = spare = undefined;
            removeWidget();
            set('failed');
          }
          emit('error', { code, org });
          return arm(cost ? Date.now() + 10 * Time.Pause : 1 / 0);
        }
      }
    }
  })().finally(() => (work = undefined)));

const load = async (): Promise<void> => {
  begin();
  asked = begun;
  return work || !token ? run() : undefined;
};

const refresh = async (): Promise<void> => {
  const now = Date.now();
  if (work || !token) return load();
  if (now - refreshed < Time.Pause) return arm(Math.max(due, now + Time.Pause));
  refreshed = now;
  return run();
};

/** Makes whatever is under way obsolete. */
const drop = async (): Promise<void> => {
  generation++;
  attempt = 0;
  fetching?.abort();
  wake();
  token = spare = undefined;
  arm(1 / 0);
  await work;
  if (!token) removeWidget();
};

const setOrg = async (next: string | undefined): Promise<void> => {
  if (org !== next) {
    org = next;
    drop();
    if (begun) set('waiting');
  }
  return load();
};

const begin = (): void => {
  // An `async` tag in the head runs as soon as it is there, when the body may not be.
  if (begun || !open || !allowed || !document.body || (document as { prerendering?: boolean }).prerendering) return;
  begun = true;
  // The first state change makes what is appended then.
  set('waiting');
  document.body.append(host!);
  whenToLoad(settings, () => asked || load());
};

const stop = (): Promise<void> => {
  begun = asked = false;
  set('destroyed');
  host!.remove();
  return drop();
};

export const controller: Controller = {
  get state() {
    return state;
  },
  load,
  refresh,
  setOrg,
  destroy() {
    open = false;
    return stop();
  },
};

/** Starts the chat, or brings the running one to these options. */
export const configure = (next: Options): void => {
  const before = settings;
  settings = next;
  open = true;
  if (allowed === undefined) {
    allowed = !next.consent;
    on('prerenderingchange DOMContentLoaded', begin);
    on('online', () => wake());
    // Timers stand still in hidden, frozen and cached pages.
    on('visibilitychange resume pageshow online', () => {
      if (Date.now() >= due) refresh();
    });
    on('unhandledrejection error', ({ filename, message, reason }) => {
      blame(filename);
      if (token && (message || reason?.message || reason)?.match?.(/(token|jwt).*expired/i)) refresh();
    });
    if (next.consent)
      on(next.consent, ({ detail }) => {
        allowed = detail !== false;
        if (allowed) begin();
        else stop();
      });
  }
  if (!begun || [next.org, next.orgs] + '' !== [before.org, before.orgs] + '') {
    if (asked) setOrg(next.org);
    org = next.org;
  }
  if (begun) show();
  // Not in the module's evaluation, for which DOMContentLoaded waits. Consent is listened for already.
  else setTimeout(begin);
};

/** Takes what we show out of the page, before a library makes a snapshot of it; `keep` puts it back. */
export const hide = (): void => {
  if (begun) [host!, ...nodes].forEach((node) => node.remove());
};

/** After a navigation: brings what we show along into the new body. */
export const keep = (): void => {
  if (!begun || host!.isConnected) return;
  document.body.append(host!, ...nodes);
  if (token && !work && !nodes[0]) {
    spare = token;
    token = undefined;
    run();
  }
};
