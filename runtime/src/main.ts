import { createChat, type Chat } from './controller.ts';
import { on } from './dom.ts';
import { settle } from './options.ts';
import type { ChatHub, Controller, Options } from './types.ts';

/** Under this name every copy of the runtime in a document finds the one that came first. */
const REGISTRY = Symbol.for('chathub.runtime.v1');
/** An inert tag (`type="text/plain"`) is not ours yet: a consent banner will make it a module. */
const TAG = 'script[data-chathub][type=module]';
/** How long an unmounted chat waits for being mounted again, and a snapshot for being taken. */
const GRACE = 100;

interface Registry extends ChatHub {
  scan(): void;
}

const createRegistry = (): Registry => {
  let chat: Chat | undefined;
  let tag: HTMLScriptElement | null = null;
  let pinned = false;
  let mounts = 0;
  let held = 0;
  let scheduled = 0;
  let watched = false;

  const open = (options: Options): Chat => {
    const settings = settle(options);
    if (chat && !chat.ended) chat.configure(settings);
    else {
      chat = createChat(settings);
      if (!watched) watch();
      watched = true;
      chat.begin();
    }
    return chat;
  };

  const init = (options: Options): Controller => {
    pinned = true;
    return open(options);
  };

  /** Follows the page through navigations that replace its content: other tag, other body, no tag. */
  const scan = (): void => {
    const found = document.querySelector<HTMLScriptElement>(TAG);
    scheduled = 0;
    if (found !== tag) {
      tag = found;
      if (found) init({ ...found.dataset, nonce: found.nonce } as Options);
      else if (pinned) {
        pinned = false;
        chat?.stop();
      }
    }
    if (!held) chat?.keep();
    if (watched) observe();
  };

  const observer = new MutationObserver((records) => {
    chat?.saw(records.flatMap((record) => [...record.addedNodes] as ChildNode[]));
    scheduled ||= setTimeout(scan);
  });

  // The children of the tag's ancestors are enough to notice that it has gone, at whatever depth; and those of the
  // body and the head to see what the widget adds. Watching the whole tree would cost busy pages too much.
  const observe = (): void => {
    observer.disconnect();
    for (let node: Node | null = tag?.isConnected ? tag : document.body; node; node = node.parentNode)
      observer.observe(node, { childList: true });
    observer.observe(document.body, { childList: true });
    observer.observe(document.head, { childList: true });
  };

  const watch = (): void => {
    observe();
    on('turbo:before-cache htmx:beforeHistorySave htmx:before:history:update', () => {
      chat?.hide();
      clearTimeout(held);
      held = setTimeout(() => {
        held = 0;
        scan();
      }, GRACE);
    });
  };

  return {
    init,
    scan,
    mount(options) {
      let mounted = true;
      mounts++;
      open(options);
      return () => {
        if (mounted)
          setTimeout(() => {
            if (!--mounts && !pinned) chat?.destroy();
          }, GRACE);
        mounted = false;
      };
    },
    get controller() {
      return chat;
    },
  };
};

const registry = (): Registry => ((globalThis as unknown as Record<symbol, Registry>)[REGISTRY] ||= createRegistry());

export const init: ChatHub['init'] = (options) => registry().init(options);
export const mount: ChatHub['mount'] = (options) => registry().mount(options);

// On a server there is no document: then importing does nothing.
if (typeof document !== 'undefined') {
  (window as unknown as { ChatHub?: ChatHub }).ChatHub ||= registry();
  registry().scan();
}
