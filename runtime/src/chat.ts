import { emit, on } from './dom.ts';
import { waiting, whenToLoad } from './load.ts';
import { more, shelf } from './more.ts';
import { askToken, type Token } from './token.ts';
import type { Controller, Options, State } from './types.ts';
import { blame, follow, isWidgets, nodes, place, removeWidget, script } from './widget.ts';

const enum Time {
  Hour = 36e5,
  /** As long as visitors wait without being told. */
  Patience = 2e3,
}

/** What the second file has to know and to do, too. */
export const chat = {
  options_: {} as Options,
  org_: undefined as string | undefined,
  state_: 'idle' as State,
  /** What the widget runs with. */
  token_: undefined as Token | undefined,
  /** Attempts that have failed. */
  attempt_: 0,
  /** When the next attempt is due, by the clock; after a failure, when the next occasion may be taken. */
  due_: 1 / 0,
  /** What the page's Content-Security-Policy forbade last. */
  forbidden_: '' as string | undefined,
  /** Consent given, page active: the chat listens and shows. */
  begun_: false as boolean,
  /** Ended by hand, until `init` or `mount` is called. */
  closed_: false as boolean,
  /** Ends the current `sleep_`. */
  wake_: (): void => {},
  sleep_: (ms: number): Promise<void> =>
    new Promise((done) => {
      setTimeout((chat.wake_ = done), ms);
    }),
  emit_: emit,
  isWidgets_: isWidgets,
  /** There is no token any longer that the widget can work with. */
  isDead_: () => !(chat.token_?.deadline_! > Date.now()),
  nodes_: () => nodes,
  set_(next: State): void {
    if (chat.state_ === next) return;
    chat.state_ = next;
    // The time that is left from another loading does not count.
    clearTimeout(patience);
    if (next === 'loading') patience = setTimeout(more, Time.Patience, 'render');
    show();
    emit('state', { state: next, org: chat.org_ });
  },
  /** There is no widget any longer, and why does not matter here. */
  fail_(state: State): void {
    chat.token_ = undefined;
    removeWidget();
    chat.set_(state);
  },
  /** Plans the next attempt: from when on it may be made, and in how many milliseconds it is made by itself. */
  arm_(from: number, wait: number): void {
    chat.due_ = from;
    clearTimeout(timer);
    // A timer beyond 2^31 ms would fire at once.
    timer = setTimeout(again, Math.min(wait, 2e9));
  },
  refresh_: (): Promise<void> => {
    asked = true;
    begin();
    return run();
  },
  setOrg_: (next: string | undefined): Promise<void> => setOrg(next),
};

/** What the visitor has said, once they have. */
let granted: boolean | undefined;
/** `init` was called, and `destroy` was not since. */
let open: boolean;
/** The moment to load has come. */
let asked: boolean;
/** What the widget shall run with next, when it is known already. */
let spare: Token | undefined;
/** Raised by whatever makes the work under way obsolete: its result is dropped, and it starts over. */
let generation = 0;
let work: Promise<void> | undefined;
let fetching = new AbortController();
let timer: number;
let patience: number;
/** Hides the page's own contact links. */
let rule: CSSStyleSheet;
/** The body that is followed, and what stood first in it: without it, the page's content is another. */
let body: HTMLElement | undefined;
let first: Element | null;
let root: Element;
/** The widget's nodes are out of the page while a library takes a snapshot of it. */
let hidden = 0;

const show = (): void => {
  // By a rule, since a change of the elements would be one of the page's content. A link that has the focus keeps it.
  if (!rule) {
    rule = new CSSStyleSheet();
    rule.replaceSync('a[data-chathub-contact]:not(:focus){visibility:hidden!important}');
    document.adoptedStyleSheets.push(rule);
  }
  rule.disabled = chat.state_ !== 'ready';
  if (chat.options_.orgs) more('render');
};

/** Does what is wanted now; whoever comes while it is being done shares it. */
const run = (): Promise<void> =>
  (work ||= (async () => {
    while (chat.begun_ && (chat.org_ || !chat.options_.orgs)) {
      const mine = generation;
      const live = chat.token_;
      try {
        if (!navigator.onLine) throw 'offline';
        if (!live) chat.set_('loading');
        const next = spare?.deadline_! > Date.now() ? spare! : (await askToken(chat.options_, chat.org_, (fetching = new AbortController())));
        if (mine !== generation) continue;
        spare = next;
        // From here on there is no widget with the last one.
        chat.token_ = undefined;
        await place(next.jwt_, chat.options_);
        if (mine !== generation) continue;
        chat.token_ = next;
        spare = undefined;
        chat.attempt_ = 0;
        // An hour before the end, or the last quarter of a shorter life, and a little sooner, so that many pages
        // opened together do not ask together.
        const left = next.deadline_ - Date.now();
        const wait = left - Math.min(Time.Hour, left / 4) * (1 + Math.random() / 5);
        chat.arm_(Date.now() + wait, wait);
        chat.set_('ready');
        emit(live ? 'refresh' : 'ready', { org: chat.org_ });
        return;
      } catch (problem) {
        const verdict = mine === generation && (await more('judge', problem));
        if (verdict) return;
        // Without the second file there is no other way.
        if (verdict === undefined) {
          if (chat.isDead_()) chat.fail_(problem === 'offline' ? problem : 'failed');
          await chat.sleep_(3e4);
        }
      }
    }
  })().finally(() => (work = undefined)));

const load = async (): Promise<void> => (work || !chat.token_ ? chat.refresh_() : undefined);

/** A refresh that is due. */
const again = async (): Promise<void> => {
  await more('refresh');
  if (!shelf.more_) chat.refresh_();
};

/** Takes an occasion on which an attempt that is due may succeed. */
export const wakeUp = (): void => {
  if (Date.now() >= chat.due_) again();
};

/** Makes whatever is under way obsolete. */
const drop = async (): Promise<void> => {
  generation++;
  chat.attempt_ = 0;
  fetching.abort();
  chat.wake_();
  clearTimeout(timer);
  chat.due_ = 1 / 0;
  chat.token_ = spare = undefined;
  removeWidget();
  await work;
  if (!chat.token_) removeWidget();
};

const setOrg = async (next: string | undefined): Promise<void> => {
  if (chat.org_ !== next) {
    chat.org_ = next;
    drop();
    if (chat.begun_) chat.set_('waiting');
  }
  return load();
};

const allowed = (): unknown => granted ?? (chat.options_.consented ? chat.options_.consented() : !chat.options_.consent);

const begin = (): void => {
  // An `async` tag in the head runs as soon as it is there, when the body may not be.
  if (chat.begun_ || !open || !allowed() || !document.body || (document as { prerendering?: boolean }).prerendering) return;
  chat.begun_ = true;
  chat.set_('waiting');
  keep();
  if (asked) run();
  else whenToLoad(chat.options_, load);
};

/** Ends the chat, until it is started again. */
export const stop = (): Promise<void> => {
  chat.begun_ = asked = open = false;
  body = undefined;
  waiting.abort();
  chat.set_('destroyed');
  return drop();
};

const decide = (yes: unknown): void => {
  granted = !!yes;
  if (!granted) stop();
  open = true;
  begin();
};

const onConsent = ({ type, detail }: CustomEvent): void => {
  const { consent, consented, category = 'functional' } = chat.options_;
  if (type === consent) decide(consented ? consented() : detail !== false && detail?.cookie?.categories.includes(category) !== false);
};

const online = (): void => {
  chat.wake_();
  wakeUp();
};

const onError = (event: any): void => {
  blame(event.filename);
  if (chat.token_ && /expired/i.test(event.message || event.reason?.message)) more('expired', event);
};

const onViolation = ({ blockedURI }: SecurityPolicyViolationEvent): void => {
  chat.forbidden_ = blockedURI;
};

/** Listens; again, where `document.open()` has ended it. */
export const listen = (): void => {
  if (root === (root = document.documentElement)) return;
  on('prerenderingchange DOMContentLoaded', begin);
  on('online', online);
  // Timers stand still in hidden, frozen and cached pages, and while the machine sleeps.
  on('visibilitychange resume pageshow focus pointerdown', wakeUp);
  on('unhandledrejection error', onError);
  on('securitypolicyviolation', onViolation);
  // Nothing tells that the machine has slept with the page in sight.
  setInterval(() => chat.token_ && chat.isDead_() && again(), 6e4);
};

export const controller: Controller = {
  get state() {
    return chat.state_;
  },
  load,
  refresh: () => (work || !chat.token_ ? load() : more('refresh', true)),
  setOrg,
  grant: () => decide(true),
  revoke: () => decide(false),
  destroy() {
    chat.closed_ = true;
    return stop();
  },
};

/** Starts the chat, or brings the running one to these options. */
export const configure = (next: Options): void => {
  const before = chat.options_;
  chat.options_ = { ...next, endpoint: next.endpoint || '/api/chathub/token' };
  listen();
  if (next.consent) on(next.consent, onConsent);
  if (chat.begun_ && !allowed()) stop();
  open = true;
  if (!chat.begun_ || [next.org, next.orgs] + '' !== [before.org, before.orgs] + '') {
    if (chat.begun_ && asked) setOrg(next.org);
    chat.org_ = next.org;
  }
  if (chat.begun_) {
    show();
    if (!asked) whenToLoad(next, load);
  }
  // Not in the module's evaluation, for which DOMContentLoaded waits.
  else setTimeout(begin);
};

/** Takes what is the widget's out of the body, before a library makes a snapshot of it, and puts it back behind that. */
export const hide = (): void => {
  hidden++;
  nodes.forEach((node) => node.remove());
  // The library's own task may be planned behind this one.
  setTimeout(() =>
    setTimeout(() => {
      hidden--;
      keep();
    }),
  );
};

/** Whether the page's content is another than the last time. */
export const isOther = (): unknown => hidden || (body && (body !== document.body || !first!.isConnected));

/** After a navigation: brings what is the widget's along into the new body. */
export const keep = (): void => {
  if (!chat.begun_ || hidden) return;
  const other = isOther();
  follow((body = document.body));
  body.append(...nodes.filter((node) => !node.isConnected));
  first = body.firstElementChild || body;
  if (!other) return;
  // What the moment to load depends on may be another element.
  if (!asked) whenToLoad(chat.options_, load);
  else if (chat.token_ && !work && !(nodes[0] && script())) {
    spare = chat.token_;
    chat.token_ = undefined;
    run();
  }
};
