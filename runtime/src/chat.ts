import { whenToLoad } from './load.ts';
import { on } from './dom.ts';
import { Do, more } from './more.ts';
import { look, move } from './page.ts';
import { addScript } from './script.ts';
import { askToken, type Token } from './token.ts';
import type { Controller, EventDetail, Options, State } from './types.ts';
import { isWidgets, place, removeWidget } from './widget.ts';

const enum Time {
  Hour = 36e5,
  /** As long as visitors wait without being told. */
  Patience = 2e3,
  /** Between attempts, where the second file cannot be had. */
  Pause = 3e4,
}

/** What the second file has to know and to do, too. */
interface Chat {
  /** The page that was seen last: its path and its loader tag. */
  seen_?: string;
  /** What stood last in the body: without that, the page's content is another. */
  last_?: Element | null;
  /** What the widget's code added to the page. */
  nodes_: HTMLElement[];
  /** How many hold the chat; `init` never lets go. */
  holders_: number;
  options_: Options;
  org_?: string;
  state_: State;
  /** What the widget runs with. */
  token_?: Token;
  /** What it shall run with next, when that is known already. */
  spare_?: Token;
  /** Of the attempt under way, if there is one: replaced once that is obsolete, so that its result is dropped. */
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
  /** Gives the widget that is there another token, where nothing else is wanted; tells whether it has. */
  renew_?: (jwt: string) => boolean;
  addScript_: typeof addScript;
  isWidgets_: typeof isWidgets;
  /** Announces something on `document`. */
  emit_(name: string, detail?: EventDetail): unknown;
  set_(next: State): void;
  /** Plans the next attempt: in how many milliseconds it is made by itself, and after how many an occasion may be taken for it. */
  arm_(wait: number, from?: number): void;
  begin_(): void;
  refresh_(): Promise<void>;
  stop_(): unknown;
}

export const chat: Chat = {
  state_: 'idle',
  options_: {},
  nodes_: [],
  holders_: 0,
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
    clearTimeout(timer);
    due = Date.now() + from;
    if (wait < 1 / 0) timer = setTimeout(again, wait);
  },
  refresh_: () => {
    asked = true;
    begin();
    return run();
  },
  begin_: () => begin(),
  stop_: () => stop(),
};

/** What the visitor has said, once they have. */
let granted: boolean | undefined;
/** The page wants a chat: `init` was called, and `destroy` was not since. */
let open: boolean | undefined;
/** The moment to load has come. */
export let asked: boolean | undefined;
/** The organizations by the page's options. */
let wanted: string | undefined;
/** When an occasion may be taken for an attempt. */
let due = 1 / 0;
let work: Promise<void> | undefined;
let timer: number;
/** Hides the page's own contact links. */
let rule: CSSStyleSheet;
/** There is consent, and the page is active. */
export let begun: boolean | undefined;

/** Does what is wanted now; whoever comes while it is being done shares it. */
const run = (): Promise<void> =>
  (work ||= (async () => {
    while (begun && (chat.org_ || !chat.options_.orgs)) {
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
        chat.renew_?.(next.jwt_) || (await place(next.jwt_, chat.options_));
        if (mine !== chat.limit_) continue;
        chat.token_ = next;
        chat.spare_ = undefined;
        // An hour before the end, or the last quarter of a shorter life, and a little sooner, so that many pages
        // opened together do not ask together.
        const left = next.deadline_ - Date.now();
        chat.arm_(left - Math.min(left / 4, Time.Hour) * (1 + Math.random() / 5));
        chat.set_('ready');
        chat.emit_(live ? 'refresh' : 'ready');
        ready(controller);
        return;
      } catch (problem) {
        if (mine === chat.limit_ && !((await more(Do.Judge, problem, mine)) ?? fail())) return;
      }
    }
  })().finally(() => (chat.limit_ = work = undefined)));

/** A failure about which the second file has nothing to say, since it cannot be had either. */
const fail = (): void => {
  chat.token_?.deadline_! > Date.now() || chat.set_(navigator.onLine ? 'failed' : 'offline');
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
    if (begun) chat.set_('waiting');
  }
  return load();
};

/** What the page's own function tells, or else this. */
const told = (otherwise: unknown): unknown => {
  return chat.options_.consented ? chat.options_.consented() : otherwise;
};

export const allowed = (): unknown => granted ?? told(!chat.options_.consent);

/** Begins if all is there that it takes. */
export const begin = (event: any = {}): void => {
  // An `async` tag in the head runs as soon as it is there, when the body may not be.
  if (!(open && allowed() && document.body) || (document as { prerendering?: boolean }).prerendering) return;
  if (!begun) {
    // It may have moved on meanwhile, to where the chat is another one.
    if (chat.seen_ !== look()) {
      move();
      return;
    }
    begun = true;
    chat.last_ = document.body.lastElementChild;
    chat.set_('waiting');
  }
  if (chat.options_.orgs) more(Do.Show);
  const { options_: options } = chat;
  if (asked) chat.token_ || run();
  else whenToLoad(options, () => begun && !asked && options === chat.options_ && load(), event);
};

/** Ends the chat: until it is started again, or (`still`) until there is consent. */
export const stop = (still?: boolean): Promise<void> | undefined => {
  open = still;
  begun = asked = wanted = undefined;
  drop();
  chat.set_('destroyed');
  return work;
};

const decide = (yes: unknown): unknown => ((granted = !!yes) ? begin() : stop(open));

const onConsent = ({ type, detail }: CustomEvent): void => {
  const { consent, category = 'functional' } = chat.options_;
  if (type === consent) decide(told(detail?.cookie?.categories.includes(category) ?? detail !== false));
};

let ready: (controller: Controller) => void;
/** Resolves when there is a chat for the first time. */
export const whenReady = new Promise<Controller>((done) => (ready = done));

export const controller: Controller = {
  get state() {
    return chat.state_;
  },
  load,
  refresh: () => again(true) as Promise<void>,
  setOrg,
  grant: () => decide(true),
  revoke: () => decide(false),
  destroy: async () => stop(!(chat.closed_ = true)),
};

/** Starts the chat, or brings the running one to these options. */
export const configure = (next: Options): void => {
  chat.options_ = next;
  on(next.consent, onConsent);
  if (begun && !allowed()) stop();
  open = true;
  if (wanted !== (wanted = [next.org, next.orgs] + '')) asked ? setOrg(next.org) : (chat.org_ = next.org);
  // Not in the module's evaluation, for which DOMContentLoaded waits.
  setTimeout(begin);
};
