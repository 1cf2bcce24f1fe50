import { emit, on } from './dom.ts';
import { whenToLoad } from './load.ts';
import type { Settings } from './options.ts';
import { refreshTime } from './schedule.ts';
import { acquire, type Failure, type Token } from './token.ts';
import type { Controller, State } from './types.ts';
import { createUi } from './ui.ts';
import { createWidget } from './widget.ts';

/** Never two refreshes within this time. */
const PAUSE = 3e4;
/** A longer timer would fire at once. */
const LONGEST = 2 ** 31 - 1;

export interface Chat extends Controller {
  /** Listens and shows, but asks for nothing before its moment. */
  begin(): void;
  /** As `destroy`, but can begin again: consent may return, or a page that wants the chat. */
  stop(): Promise<void>;
  /** Takes new options over. */
  configure(settings: Settings): void;
  /** Told of elements added to the page. */
  saw(added: ChildNode[]): void;
  /** Takes what is ours out of the page, before a snapshot is made of it; `keep` puts it back. */
  hide(): void;
  /** After a change of the page's content: brings our elements along into the new body. */
  keep(): void;
  /** Whether `destroy` was called. */
  readonly ended: boolean;
}

/** The state machine of one chat: from consent and trigger, over tokens, to the widget. */
export const createChat = (settings: Settings): Chat => {
  const life = new AbortController();
  const widget = createWidget();
  const words = (settings.consent || '').split(' ');
  let { org } = settings;
  let state: State = 'idle';
  let allowed = !settings.consent;
  let begun = false;
  let asked = false;
  let token: Token | undefined;
  /** The token to use again, after a navigation took the widget away with the page. */
  let reuse: Token | undefined;
  /** Raised by whatever makes the work under way obsolete: its result is dropped, and it starts over. */
  let generation = 0;
  let work: Promise<void> | undefined;
  let fetching: AbortController | undefined;
  let timer = 0;
  /** When the next attempt is due. */
  let due = Infinity;
  let refreshed = -PAUSE;

  const ui = createUi((key) => {
    asked = true;
    setOrg(key);
  });

  const render = (): void => ui.render(state, settings, org);

  const set = (next: State): void => {
    if (state === next) return;
    state = next;
    render();
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

  const wanted = (): boolean => begun && (!!org || !settings.keys.length);

  const failed = ({ code, retry, status }: Failure): void => {
    emit('error', { code: code || 'script', status, org });
    const left = token && retry ? token.deadline - Date.now() : 0;
    if (left > PAUSE) arm(Date.now() + Math.max(PAUSE, left / 2));
    else {
      token = undefined;
      widget.remove();
      arm(retry ? Date.now() + PAUSE : Infinity);
      set('failed');
    }
  };

  const loop = async (): Promise<void> => {
    let mine: number;
    do {
      mine = generation;
      const current = (): boolean => mine === generation && begun;
      const live = !!token;
      if (!live) {
        widget.remove();
        set('loading');
      }
      fetching = new AbortController();
      try {
        const next =
          reuse || (await acquire(settings, org, fetching.signal, (waits) => set(waits ? 'offline' : live ? 'ready' : 'loading')));
        fetching = reuse = undefined;
        if (current()) await widget.place(next, settings, current);
        if (current()) {
          token = next;
          arm(refreshTime(Date.now(), token.deadline));
          set('ready');
          emit(live ? 'refresh' : 'ready', { org });
        }
      } catch (error) {
        fetching = undefined;
        if (current()) failed(error as Failure);
      }
    } while (mine !== generation && wanted());
  };

  /** Does what is wanted now; whoever comes while it is being done shares it. */
  const run = (): Promise<void> => (work ||= loop().finally(() => (work = undefined)));

  const load = async (): Promise<void> => {
    asked = true;
    begin();
    if (!token && wanted()) await run();
  };

  const refresh = async (): Promise<void> => {
    const now = performance.now();
    if (work) {
      // While the widget's script loads, its token is settled: start over afterwards.
      if (!fetching) generation++;
      return work;
    }
    if (!token) return load();
    if (now < refreshed + PAUSE) {
      if (Date.now() >= due) arm(Date.now() + refreshed + PAUSE - now);
      return;
    }
    refreshed = now;
    return run();
  };

  const drop = (): void => {
    generation++;
    fetching?.abort();
    clearTimeout(timer);
    due = Infinity;
    token = reuse = undefined;
  };

  const setOrg = async (next: string | undefined): Promise<void> => {
    if (org !== next) {
      org = next;
      drop();
      render();
      if (!wanted() && begun) {
        set('waiting');
        await work;
        if (!token) widget.remove();
      }
    }
    if (asked) await load();
  };

  const begin = (): void => {
    if (begun || !allowed || life.signal.aborted || (document as Document & { prerendering?: boolean }).prerendering) return;
    begun = true;
    document.body.append(ui.host);
    set(settings.load === 'manual' ? 'idle' : 'waiting');
    render();
    if (asked) load();
    else whenToLoad(settings, load, life.signal);
  };

  const stop = async (): Promise<void> => {
    begun = asked = false;
    drop();
    set('destroyed');
    ui.host.remove();
    await work;
    if (!begun) widget.remove();
  };

  on('prerenderingchange', begin, life.signal);
  on('visibilitychange resume pageshow online', tick, life.signal);
  on(
    'error unhandledrejection',
    ({ filename, message, reason }: { filename?: string; message?: unknown; reason?: { message?: unknown } }) => {
      widget.blame(filename);
      if (token && /(token|jwt).*expired|expired.*token/i.test([message, reason?.message, reason].find((text) => typeof text === 'string') as string))
        refresh();
    },
    life.signal,
  );
  if (settings.consent)
    on(
      settings.consent,
      ({ type, detail }: CustomEvent) => {
        allowed = detail !== false && type !== words[1];
        if (allowed) begin();
        else stop();
      },
      life.signal,
    );

  return {
    get state() {
      return state;
    },
    get ended() {
      return life.signal.aborted;
    },
    load,
    refresh,
    setOrg,
    begin,
    stop,
    saw: widget.saw,
    destroy() {
      life.abort();
      return stop();
    },
    configure(next) {
      const changed = next.org ? next.org !== settings.org : next.keys.join() !== settings.keys.join();
      settings = next;
      begin();
      if (changed) setOrg(next.org);
      render();
    },
    hide() {
      widget.script()?.removeAttribute('token');
      [ui.host, ...widget.nodes].forEach((node) => node.remove());
    },
    keep() {
      if (!begun || ui.host.isConnected) return;
      const { nodes } = widget;
      const script = widget.script();
      document.body.append(ui.host, ...nodes);
      if (!script || !token || work) return;
      script.setAttribute('token', token.jwt);
      if (!script.isConnected) document.head.append(script);
      if (!nodes.size) {
        reuse = token;
        token = undefined;
        run();
      }
    },
  };
};
