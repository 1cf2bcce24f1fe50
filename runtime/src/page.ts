import { chat, configure, controller, hide, isOther, keep, listen, stop, wakeUp } from './chat.ts';
import { find, on } from './dom.ts';
import { more } from './more.ts';
import type { ChatHub } from './types.ts';
import { follow as followWidget, forget } from './widget.ts';

/** For an unmounted chat to be mounted again. */
const GRACE = 100;

let tag: HTMLElement | null | undefined;
/** The tag as it was when it was read. */
let seen: string | undefined;
/** Its attributes. */
let base: DOMStringMap = {};
/** The path that was followed last. */
let path: string;
let observer: MutationObserver | undefined;
let planned: number;
/** How many hold the chat; `init` never lets go. */
let holders = 0;

/**
 * The loader tag. An inert one (`type="text/plain"`) is not ours yet: a consent banner will make it a module. Nor is that of
 * a page in a frame of another page that has one: there is one chat per window.
 */
const findTag = (): HTMLElement | null | undefined => {
  const found = find('[data-chathub][type=module]');
  try {
    if (top !== self && !found!.dataset.frames && top!.document.querySelector('[data-chathub]')) return;
  } catch {
    // The window is somebody else's.
  }
  return found;
};

/** Starts with the attributes of a loader tag. */
const start = (dataset: any): void => {
  let texts;
  try {
    texts = JSON.parse(dataset.texts);
  } catch {
    // None, or none that can be read.
  }
  configure({ ...dataset, nonce: tag?.nonce, orgs: dataset.orgs?.match(/\S+/g), texts });
};

const isElsewhere = (): boolean => path !== location.pathname;

/** Follows the page through navigations that replace its content: other tag, other body, no tag, other path. */
const scan = async (): Promise<void> => {
  const moved = isElsewhere();
  planned = 0;
  path = location.pathname;
  listen();
  tag = findTag();
  if (tag?.outerHTML !== seen) {
    seen = tag?.outerHTML;
    if (tag) chat.closed_ || init();
    else stop();
  }
  keep();
  if (!moved || chat.closed_) return;
  wakeUp();
  // Routers that render in the browser bring no tag along.
  const found = 'routes' in base && (await more('route'));
  if (found === null) stop();
  // It may have been ended meanwhile.
  else if (found && !chat.closed_) start({ ...base, ...found });
};

/** Libraries put the new content in within the same task, or soon. */
const follow = (): void => {
  if (isElsewhere() || isOther() || (tag ? tag.outerHTML !== seen || !tag.isConnected : findTag())) planned ||= setTimeout(scan);
};

export const init: ChatHub['init'] = (options) => {
  if (!options && (tag = findTag())) {
    seen = tag.outerHTML;
    base = { ...tag.dataset };
    // A tag that was held there for consent keeps the runtime's own address: Klaro copies it.
    if (base.src == tag.getAttribute('src')) delete base.src;
  }
  if (options || tag) {
    holders++;
    chat.closed_ = false;
    path ||= location.pathname;
    if (options) configure(options);
    else start(base);
  }
  if (!observer) {
    observer = new MutationObserver((records) => {
      // At once: the widget's script may run before anything else does.
      if (document.body) followWidget(document.body);
      // What the widget takes out itself, and nothing comes in its place, does not come back.
      if (!isOther() && !records.some(({ addedNodes }) => addedNodes[0])) forget();
      follow();
    });
    on('turbo:before-cache htmx:beforeHistorySave', hide);
    on('popstate', follow);
    (window as any).navigation?.addEventListener('currententrychange', follow);
  }
  // Without a tag, too: it may be further down in a page that is still to come.
  observer.observe(document, { childList: true, subtree: true, attributeFilter: ['data-org', 'data-orgs'] });
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
