import { configure, controller, hide, keep } from './chat.ts';
import { on } from './dom.ts';
import type { Controller, Options } from './types.ts';
import { forget, saw } from './widget.ts';

/** An inert tag (`type="text/plain"`) is not ours yet: a consent banner will make it a module. */
const TAG = 'script[data-chathub][type=module]';
/** Time for a snapshot to be taken, or for an unmounted chat to be mounted again. */
const GRACE = 99;

let tag: HTMLScriptElement | null;
let held: number;
let observer: MutationObserver | undefined;
/** `init` was called: the chat does not end with the last mount. */
let pinned: boolean;
let mounts = 0;

/** Follows the page through navigations that replace its content: other tag, other body, no tag. */
const scan = (): void => {
  const found = document.querySelector<HTMLScriptElement>(TAG);
  forget();
  if (found !== tag) {
    if (found) init(found);
    else controller.destroy();
    tag = found;
  }
  if (!held) keep();
  // The children of the tag's ancestors are enough to notice that it has gone, at whatever depth, and those of the
  // body to see what the widget adds. Watching the whole tree would cost busy pages too much.
  observer!.disconnect();
  for (let node: Node | null = found || document.body; node; node = node.parentNode) observer!.observe(node, { childList: true });
  observer!.observe(document.body, { childList: true });
};

const start = (options: Options | HTMLScriptElement): void => {
  if (options instanceof Element) {
    tag = options;
    options = { ...tag.dataset, nonce: tag.nonce } as Options;
  }
  configure(options);
  if (observer) return;
  observer = new MutationObserver((records) => {
    records.forEach(({ addedNodes }) => addedNodes.forEach((node) => saw(node as Element)));
    setTimeout(scan);
  });
  scan();
  on('turbo:before-cache htmx:beforeHistorySave htmx:before:history:update', () => {
    hide();
    clearTimeout(held);
    held = setTimeout(() => {
      held = 0;
      scan();
    }, GRACE);
  });
};

export const init = (options: Options | HTMLScriptElement): Controller => {
  pinned = true;
  start(options);
  return controller;
};

export const mount = (options: Options): (() => void) => {
  let mounted = 1;
  mounts++;
  start(options);
  return () => {
    setTimeout(() => {
      mounts -= mounted;
      mounted = 0;
      if (!mounts && !pinned) controller.destroy();
    }, GRACE);
  };
};

/** The tag that this page has, if any. */
export const findTag = (): HTMLScriptElement | null => document.querySelector(TAG);
