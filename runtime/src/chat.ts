import { on } from './dom.ts';
import { whenToLoad } from './load.ts';
import { Do, more } from './more.ts';
import { addScript } from './script.ts';
import { askToken, type Token } from './token.ts';
import type { Controller, EventDetail, Options, State } from './types.ts';
import { follow, isWidgets, nodes, place, removeWidget, script } from './widget.ts';

const enum Time {
  Hour = 36e5,
  /** As long as visitors wait without being told. */
  Patience = 2e3,
  /** Between attempts, where the second file cannot be had. */
  Pause = 3e4,
}

/** What the second file has to know and to do, too. */
interface Chat {
  options_: Options;
  org_?: string;
  state_: State;
  /** What the widget runs with. */
  token_?: Token;
  /** What it shall run with next, when that is known already. */
  spare_?: Token;
  /** Of the attempt under way: replaced once that is obsolete, so that its result is dropped. */
  limit_?: AbortController;
  /** What the page's Content-Security-Policy forbade last. */
  forbidden_?: string;
  /** Ended by hand, until `init` or `mount` is called. */
  closed_?: boolean;
  /** Ends the wait between two attempts. */
  wake_?: () => void;
  /** The functions of the second file, once it is there. */
  more_?: ((...given: any[]) => any)[];
  /** What the third file does, once it is there. */
  render_?: (code?: string | number) => void;
  addScript_: typeof addScript;
  isWidgets_: typeof isWidgets;
  /** Announces something on `document`. */
  emit_(name: string, detail?: EventDetail): unknown;
  set_(next: State): void;
  /** Plans the next attempt: in how many milliseconds it is made by itself, and after how many an occasion may be taken for it. */
  arm_(wait: number, from?: number): void;
  refresh_(): Promise<void>;
  stop_(): unknown;
}

export const chat: Chat = {
  options_: {},
  state_: 'idle',
  addScript_: addScript,
  isWidgets_: isWidgets,
  emit_: (name, detail) =>
    document.dispatchEvent(new CustomEvent('chathub:' + name, { detail: { ...detail, org: chat.org_ }, bubbles: true })),
  set_(next) {
    if (chat.state_ === next) return;
    if (next !== 'ready') {
      chat.token_ = undefined;
      removeWidget();
      chat.arm_(1 / 0);
      if (next === 'loading') timer = setTimeout(more, Time.Patience, Do.Show);
    }
    chat.state_ = next;
    // By a rule, since a change of the elements would be one of the page's content. A link that has the focus keeps it.
    if (!rule) document.adoptedStyleSheets.push((rule = new CSSStyleSheet()));
    rule.replaceSync(next === 'ready' ? 'a[data-chathub-contact]:not(:focus){visibility:hidden!important}' : '');
    chat.emit_('state', { state: next });
  },
  arm_(wait, from = wait) {
    due = Date.now() + from;
    clearTimeout(timer);
    if (wait < 1 / 0) timer = setTimeout(again, wait);
  },
  refresh_() {
    asked = true;
    begin();
    return run();
  },
  stop_: () => stop(),
};

/** What the visitor has said, once they have. */
let granted: boolean | undefined;
/** The page wants a chat: `init` was called, and `destroy` was not since. */
let open: boolean | undefined;
/** The moment to load has come. */
let asked: boolean;
/** The organizations by the page's options. */
let wanted: string | undefined;
/** When an occasion may be taken for an attempt. */
let due = 1 / 0;
let work: Promise<void> | undefined;
let timer: number;
/** Hides the page's own contact links. */
let rule: CSSStyleSheet;
/** The body that is followed: there is one once there is consent and the page is active. */
export let body: HTMLElement | undefined;
/** What stood first in it: without that, the page's content is another. */
let first: Element | undefined;
/** The widget's nodes are out of the page while a library takes a snapshot of it. */
let hidden: boolean;

/** Does what is wanted now; whoever comes while it is being done shares it. */
const run = (): Promise<void> =>
  (work ||= (async () => {
    while (body && (chat.org_ || !chat.options_.orgs)) {
      const mine = (chat.limit_ = new AbortController());
      const live = chat.token_;
      try {
        if (!navigator.onLine) throw 0;
        if (!live) chat.set_('loading');
        const next = chat.spare_ || (await askToken(chat.options_, chat.org_, mine));
        if (mine !== chat.limit_) continue;
        chat.spare_ = next;
        // From here on there is no widget with the last one.
        chat.token_ = undefined;
        await place(next.jwt_, chat.options_);
        if (mine !== chat.limit_) continue;
        chat.spare_ = undefined;
        chat.token_ = next;
        // An hour before the end, or the last quarter of a shorter life, and a little sooner, so that many pages
        // opened together do not ask together.
        const left = next.deadline_ - Date.now();
        chat.arm_(left - Math.min(Time.Hour, left / 4) * (1 + Math.random() / 5));
        chat.set_('ready');
        chat.emit_(live ? 'refresh' : 'ready');
        ready(controller);
        return;
      } catch (problem) {
        if (mine === chat.limit_ && !((await more(Do.Judge, problem, mine)) ?? fail())) return;
      }
    }
  })().finally(() => (work = undefined)));

/** A failure about which the second file has nothing to say, since it cannot be had either. */
const fail = (): void => {
  if (!(chat.token_?.deadline_! > Date.now())) chat.set_(navigator.onLine ? 'failed' : 'offline');
  chat.arm_(Time.Pause, 0);
};

const load = async (): Promise<void> => {
  if (!chat.token_) await chat.refresh_();
};

/** A refresh that is due, or (`byHand`) that the page asks for, unless the second file objects. */
export const again = async (byHand?: boolean): Promise<unknown> => (await (!work && chat.token_ && more(Do.Object, byHand))) || chat.refresh_();

/** Takes an occasion on which an attempt that is due may succeed. */
export const wakeUp = (): void => {
  if (Date.now() >= due) again();
};

/** Makes whatever is under way obsolete. */
const drop = (): void => {
  chat.limit_?.abort();
  chat.limit_ = chat.spare_ = undefined;
  chat.wake_?.();
};

const setOrg = (next: string | undefined): Promise<void> => {
  if (chat.org_ !== next) {
    chat.org_ = next;
    drop();
    if (body) chat.set_('waiting');
  }
  return load();
};

/** What the page's own function tells, or else this. */
const told = (otherwise: unknown): unknown => {
  const { consented } = chat.options_;
  return consented ? consented() : otherwise;
};

const allowed = (): unknown => granted ?? told(!chat.options_.consent);

/** Begins if all is there that it takes. */
export const begin = (): void => {
  // An `async` tag in the head runs as soon as it is there, when the body may not be.
  if (!open || !allowed() || !document.body || (document as { prerendering?: boolean }).prerendering) return;
  if (!body) {
    body = document.body;
    chat.set_('waiting');
    keep();
  }
  if (chat.options_.orgs) more(Do.Show);
  const { options_: options } = chat;
  if (!asked) whenToLoad(options, () => body && !asked && options === chat.options_ && load());
  else if (!chat.token_) run();
};

/** Ends the chat: until it is started again, or (`still`) until there is consent. */
export const stop = (still?: boolean): Promise<void> | undefined => {
  asked = false;
  open = still;
  body = wanted = undefined;
  drop();
  chat.set_('destroyed');
  return work;
};

const decide = (yes: unknown): unknown => ((granted = !!yes) ? begin() : stop(open));

const onConsent = ({ type, detail }: CustomEvent): void => {
  const { consent, category = 'functional' } = chat.options_;
  if (type === consent) decide(told(detail !== false && detail?.cookie?.categories.includes(category) !== false));
};

let ready: (controller: Controller) => void;
/** Resolves when there is a chat for the first time. */
export const whenReady = new Promise<Controller>((done) => {
  ready = done;
});

export const controller: Controller = {
  get state() {
    return chat.state_;
  },
  load,
  refresh: () => again(true) as Promise<void>,
  setOrg,
  grant: () => decide(true),
  revoke: () => decide(false),
  destroy: async () => {
    chat.closed_ = true;
    await stop();
  },
};

/** Starts the chat, or brings the running one to these options. */
export const configure = (next: Options): void => {
  chat.options_ = next;
  if (next.consent) on(next.consent, onConsent);
  if (body && !allowed()) stop();
  open = true;
  if (wanted !== (wanted = [next.org, next.orgs] + ''))
    if (asked) setOrg(next.org);
    else chat.org_ = next.org;
  // Not in the module's evaluation, for which DOMContentLoaded waits.
  setTimeout(begin);
};

/** Takes what is the widget's out of the body, before a library makes a snapshot of it, and puts it back behind that. */
export const hide = (): void => {
  hidden = true;
  nodes.forEach((node) => node.remove());
  // The library's own task may be planned behind this one.
  setTimeout(setTimeout, 0, () => {
    hidden = false;
    keep();
  });
};

/** Whether the page's content is another than the last time. */
export const isOther = (): unknown => hidden || (body && (body !== document.body || !first?.isConnected));

/** After a navigation: brings what is the widget's along into the new body. */
export const keep = (): void => {
  if (!body || hidden) return;
  const other = isOther();
  follow((body = document.body));
  body.append(...nodes.filter((node) => !node.isConnected));
  first = body.children[0] || body;
  if (!other) return;
  // What the moment to load depends on may be another element.
  if (!asked) begin();
  else if (chat.token_ && !work && !(nodes[0] && script())) {
    chat.spare_ = chat.token_;
    chat.token_ = undefined;
    run();
  }
};
