import { again, begin, body, chat, configure, controller, hide, isOther, keep, stop, wakeUp } from './chat.ts';
import { on } from './dom.ts';
import { occasion } from './load.ts';
import { Do, more } from './more.ts';
import type { ChatHub } from './types.ts';
import { blame, follow as followWidget, forget, isWidgets } from './widget.ts';

/** For an unmounted chat to be mounted again. */
const GRACE = 100;

let tag: HTMLElement | null | undefined;
/** The tag as it was when it was read. */
let seen: string | undefined;
/** Its attributes. */
let base: any = {};
/** The path that was followed last. */
let path: string;
let planned: number;
/** Where listeners are registered. */
let root: Element;
/** How many hold the chat; `init` never lets go. */
let holders = 0;

/**
 * The loader tag. An inert one (`type="text/plain"`) is not ours yet: a consent banner will make it a module. Nor is that of
 * a page in a frame of another page that has one: there is one chat per window.
 */
const findTag = (): HTMLElement | null | undefined => {
  const found = document.querySelector<HTMLElement>('[data-chathub][type=module]');
  // The element that frames us is hidden from us where the outer page is somebody else's.
  return found?.dataset.frames || !frameElement || !parent.document.querySelector('[data-chathub]') ? found : undefined;
};

/** Reads the tag; tells whether it is another than the last time. */
const isOtherTag = (): boolean => {
  tag = findTag();
  return seen !== (seen = tag?.outerHTML);
};

/** Follows the page through navigations that replace its content: other tag, other body, no tag, other path. */
const scan = (): void => {
  const moved = path !== (path = location.pathname);
  planned = 0;
  if (chat.closed_) return;
  listen();
  if (isOtherTag())
    if (tag) init();
    else stop();
  keep();
  wakeUp();
  // Routers that render in the browser bring no tag along.
  if (moved && 'routes' in base) more(Do.Route, base);
};

/** Libraries put the new content in within the same task, or soon. */
const follow = (): void => {
  if (!chat.closed_ && (path !== location.pathname || isOther() || (tag?.isConnected ? tag : findTag())?.outerHTML !== seen)) planned ||= setTimeout(scan);
};

/** Whatever happens on the page may be an occasion. */
const onEvent = (event: Event): void => {
  if (!body) begin();
  occasion?.(event);
  wakeUp();
};

/** What goes wrong on the page is none: the attempt that it led to might fail by the same again. */
const onError = (event: any): void => {
  chat.forbidden_ = event.blockedURI ?? chat.forbidden_;
  blame(event.filename);
  if (chat.token_ && isWidgets(event.filename || event.reason?.stack)) more(Do.Expired, event);
};

/** Listens; again, where `document.open()` has ended it. */
export const listen = (): void => {
  if (root === (root = document.documentElement)) return;
  // Timers stand still in hidden, frozen and cached pages, and while the machine sleeps.
  on('prerenderingchange DOMContentLoaded load visibilitychange resume pageshow online focus pointerdown keydown click', onEvent);
  on('unhandledrejection error securitypolicyviolation', onError);
  on('turbo:before-cache htmx:beforeHistorySave', hide);
  // Nothing tells that the machine has slept with the page in sight.
  setInterval(() => chat.token_?.deadline_! < Date.now() && again(), 6e4);
  (window as any).navigation?.addEventListener('currententrychange', follow);
  new MutationObserver((records) => {
    // At once: the widget's script may run before anything else does.
    followWidget(document.body);
    // What the widget takes out itself, and nothing comes in its place, does not come back.
    isOther() || records.some(({ addedNodes }) => addedNodes[0]) || forget();
    follow();
  }).observe(document, { childList: true, subtree: true, attributeFilter: ['data-org', 'data-orgs'] });
};

export const init: ChatHub['init'] = (options) => {
  // Without a tag, too: it may be further down in a page that is still to come.
  listen();
  if (!options && (isOtherTag(), tag)) {
    base = { ...tag.dataset };
    // A tag that was held there for consent keeps the runtime's own address: Klaro copies it.
    if (base.src == tag.getAttribute('src')) delete base.src;
  }
  if (options || tag) {
    holders++;
    chat.closed_ = false;
    path ||= location.pathname;
    configure(options || { ...base, nonce: tag!.nonce });
  }
  return controller;
};

export const mount: ChatHub['mount'] = (options) => {
  let mounted = 1;
  init(options);
  return () => {
    setTimeout(() => {
      holders -= mounted;
      mounted = 0;
      if (!holders) stop();
    }, GRACE);
  };
};
