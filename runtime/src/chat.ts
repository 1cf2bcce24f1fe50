import { emit, on, sleep, wake } from './dom.ts';
import { whenToLoad } from './load.ts';
import { keysOf, type Settings } from './options.ts';
import { askToken, type Failure, type Token } from './token.ts';
import type { Controller, State } from './types.ts';
import { host, render } from './ui.ts';
import { blame, nodes, place, removeWidget, script } from './widget.ts';

/** Never two refreshes within this time. */
const PAUSE = 3e4;
const HOUR = 36e5;
/** A longer timer would fire at once. */
const LONGEST = 2 ** 31 - 1;

// The state machine of the document's one chat: from consent and trigger, over tokens, to the widget.
let settings: Settings = {};
let org: string | undefined;
let state: State = 'idle';
/** Consent is there, or not needed. */
let allowed: boolean;
/** `init` was called, and `destroy` was not since. */
let open: boolean;
/** Consent given, page active: the chat listens and shows. */
let begun: boolean;
/** The moment to load has come. */
let asked: boolean;
let token: Token | undefined;
/** The token to use again, after a navigation took the widget away with the page. */
let reuse: Token | undefined;
/** Raised by whatever makes the work under way obsolete: its result is dropped, and it starts over. */
let generation = 0;
let work: Promise<void> | undefined;
let fetching: AbortController | undefined;
let timer: number;
/** When the next attempt is due. */
let due: number;
let refreshed = -PAUSE;

const show = (): void =>
  render(state, settings, org, (key) => {
    asked = true;
    setOrg(key);
  });

const set = (next: State): void => {
  if (state === next) return;
  state = next;
  show();
  emit('state', { state, org });
};

const arm = (time: number): void => {
  clearTimeout(timer);
  due = time;
  if (token) timer = setTimeout(tick, Math.min(due - Date.now(), LONGEST));
};

/** On the timer and whenever the page wakes up: timers stand still in hidden, frozen and cached pages. */
const tick = (): void => {
  if (!begun || work) return;
  if (Date.now() >= due) refresh();
  else arm(due);
};

const wanted = (): boolean => begun && !!(org || !keysOf(settings)[0]);

const loop = async (): Promise<void> => {
  let mine: number | undefined;
  let attempt = 0;
  let stale = 0;
  let next: Token | undefined;
  while (wanted()) {
    if (mine !== generation) attempt = stale = 0;
    else attempt++;
    if (mine !== generation) next = reuse;
    mine = generation;
    reuse = undefined;
    const live = token;
    if (!live) removeWidget();
    while (!navigator.onLine && mine === generation) {
      if (!live) set('offline');
      await sleep(LONGEST);
    }
    if (mine !== generation) continue;
    if (!live) set('loading');
    try {
      if (!next) {
        next = await askToken(settings, org, (fetching = new AbortController()));
        fetching = undefined;
      }
      const { jwt_, deadline_ } = next;
      const left = deadline_ - Date.now();
      if (mine !== generation) continue;
      if (left <= 0) {
        next = undefined;
        throw { code: 'expired', retry_: !stale++ };
      }
      await place(jwt_, settings);
      if (mine !== generation) continue;
      token = next;
      // An hour before the end, or the last quarter of a shorter life, and a little sooner, so that many pages
      // opened together do not ask together.
      arm(deadline_ - Math.min(HOUR, left / 4) * (1 + Math.random() / 5));
      set('ready');
      emit(live ? 'refresh' : 'ready', { org });
      return;
    } catch (problem) {
      fetching = undefined;
      if (mine !== generation) continue;
      const { code = 'config', retry_, status, after_ = 0 } = Object(problem) as Failure;
      if (retry_ && attempt < Math.min(5, (settings.retries as number) ?? 5)) {
        // Full jitter: anything up to a bound that doubles with every attempt.
        await sleep(after_ + Math.random() * Math.min(PAUSE, 1e3 * 2 ** attempt));
        continue;
      }
      emit('error', { code, status, org });
      const rest = live && retry_ ? live.deadline_ - Date.now() : 0;
      if (rest < PAUSE) {
        token = undefined;
        removeWidget();
        set('failed');
      }
      arm(retry_ ? Date.now() + Math.max(PAUSE, rest / 2) : 1 / 0);
      return;
    }
  }
};

/** Does what is wanted now; whoever comes while it is being done shares it. */
const run = (): Promise<void> => (work ||= loop().finally(() => (work = undefined)));

const load = async (): Promise<void> => {
  asked = true;
  if (!token && wanted()) await run();
};

const refresh = async (): Promise<void> => {
  const wait = refreshed + PAUSE - performance.now();
  if (work) {
    // While the widget's script loads, its token is settled: start over afterwards.
    if (!fetching) generation++;
    return work;
  }
  if (!token) return load();
  if (wait > 0) {
    if (Date.now() >= due) arm(Date.now() + wait);
    return;
  }
  refreshed = performance.now();
  return run();
};

/** Makes whatever is under way obsolete. */
const drop = async (): Promise<void> => {
  generation++;
  fetching?.abort();
  wake();
  token = undefined;
  arm(1 / 0);
  await work;
  if (!wanted()) removeWidget();
};

const setOrg = async (next: string | undefined): Promise<void> => {
  if (org !== next) {
    org = next;
    drop();
    show();
    if (begun && !wanted()) set('waiting');
  }
  if (asked) await load();
};

const begin = (): void => {
  if (begun || !open || !allowed || (document as { prerendering?: boolean }).prerendering) return;
  begun = true;
  state = 'idle';
  show();
  document.body.append(host);
  if (settings.load !== 'manual') set('waiting');
  if (asked) load();
  else whenToLoad(settings, () => asked || load());
};

const stop = (): Promise<void> => {
  begun = asked = false;
  set('destroyed');
  host.remove();
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

let watching: unknown;
const watch = (): void => {
  on('prerenderingchange', begin);
  on('online', () => wake());
  on('visibilitychange resume pageshow online', tick);
  on('error unhandledrejection', ({ filename, message, reason }) => {
    blame(filename);
    const text: string = [message, reason?.message, reason].find((found) => typeof found === 'string')!;
    if (token && /(token|jwt).*expired|expired.*token/i.test(text)) refresh();
  });
};

/** Starts the chat, or brings the running one to these options. */
export const configure = (next: Settings): void => {
  const before = settings;
  const [given, taken] = (next.consent || '').split(' ');
  if (!watching) watch();
  settings = next;
  open = true;
  if (!watching || given !== before.consent?.split(' ')[0]) {
    allowed = !given;
    if (given)
      on(next.consent!, ({ type, detail }) => {
        allowed = detail !== false && type !== taken;
        if (allowed) begin();
        else stop();
      });
  }
  watching = true;
  if (!begun) {
    org = next.org;
    begin();
  } else if (next.org !== before.org || keysOf(next) + '' !== keysOf(before) + '') setOrg(next.org);
  if (begun) show();
};

/** Takes what we show out of the page, before a library makes a snapshot of it; `keep` puts it back. */
export const hide = (): void => {
  if (!begun) return;
  if (!work) script?.removeAttribute('token');
  [host, ...nodes].forEach((node) => node.remove());
};

/** After a navigation: brings what we show along into the new body. */
export const keep = (): void => {
  if (!begun || host.isConnected) return;
  document.body.append(host, ...nodes);
  if (!token || work) return;
  script!.setAttribute('token', token.jwt_);
  if (!nodes.size) {
    reuse = token;
    token = undefined;
    run();
  }
};
