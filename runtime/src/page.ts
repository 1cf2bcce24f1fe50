import { allowed, asked, begin, begun, chat, configure, controller, stop, wakeUp } from './chat.ts';
import { on } from './dom.ts';
import { Do, more } from './more.ts';
import { findTag, optionsOf } from './tag.ts';
import type { ChatHub } from './types.ts';
import { blame, follow as followWidget, isWidgets } from './widget.ts';

/** Where listeners are registered. */
let root: Element;
let tag: HTMLElement | undefined;

/** What a page is known by: its path and its loader tag, which is looked for only where it is another. */
export const look = (): string => location.pathname + ' ' + (tag = tag?.isConnected ? tag : findTag())?.outerHTML;

/**
 * Has the second file do what there is to do when the page has moved on without being loaded; what is `hidden` comes back behind that.
 * Where the file cannot be had, no chat is better than that of another page.
 */
export const move = async (hidden?: HTMLElement[]): Promise<void> => {
  if (await more(Do.Follow, hidden)) wakeUp();
  else {
    chat.seen_ = '';
    stop();
  }
};

/** Sees whether the page has moved on: another path, other content, another tag. Without consent, that is seen once there is. */
const follow = (records: any): void => {
  listen();
  if (chat.closed_) return;
  // Not at once: while `document.open()` writes a page there is no place for a script.
  if (chat.seen_ !== look() || chat.last_?.isConnected === false) allowed() && setTimeout(move);
  // What the widget takes out itself, and nothing comes in its place, does not come back.
  else if (records.some?.(({ addedNodes }: any) => addedNodes[0]) === false) chat.nodes_ = chat.nodes_.filter((node) => node.isConnected);
};

/** Takes what is the widget's out of the body, before a library makes a snapshot of it. */
const hide = (): void => {
  chat.nodes_.forEach((node) => node.remove());
  if (chat.nodes_[0]) move(chat.nodes_);
};

/** Whatever happens on the page may be an occasion. */
const onEvent = (event: Event): void => {
  if (!begun || !asked) begin(event);
  follow(event);
  wakeUp();
};

/** What goes wrong on the page is none: the attempt that it led to might fail by the same again. */
const onError = (event: any): void => {
  chat.forbidden_ = event.blockedURI ?? chat.forbidden_;
  blame(event.filename);
  if (isWidgets(event.filename || event.reason?.stack) && chat.token_) more(Do.Expired, event);
};

/** Listens; again, where `document.open()` has ended it. */
export const listen = (): void => {
  if (root === (root = document.documentElement)) return;
  // Timers stand still in hidden, frozen and cached pages, and while the machine sleeps.
  on('load DOMContentLoaded prerenderingchange visibilitychange pageshow resume online focus click keydown pointerdown', onEvent);
  on('unhandledrejection error securitypolicyviolation', onError);
  on('turbo:before-cache htmx:beforeHistorySave', hide);
  // Nothing tells that the machine has slept with the page in sight.
  setInterval(() => chat.token_ && wakeUp(), 6e4);
  (window as any).navigation?.addEventListener('currententrychange', follow);
  new MutationObserver((records) => {
    // At once: the widget's script may run before anything else does.
    followWidget(document.body);
    follow(records);
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-org', 'data-orgs'] });
};

export const init: ChatHub['init'] = (options) => {
  // Without a tag, too: it may be further down in a page that is still to come.
  listen();
  tag = undefined;
  chat.seen_ = look();
  if ((options ||= tag && optionsOf(tag))) {
    chat.holders_++;
    chat.closed_ = false;
    configure(options);
  }
  return controller;
};

export const mount: ChatHub['mount'] = (options) => {
  const holder = {};
  init(options);
  return async () => (await more(Do.Leave, holder)) || stop();
};
