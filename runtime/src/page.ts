import { configure, controller, hide, keep } from './chat.ts';
import { on } from './dom.ts';
import type { ChatHub, Options } from './types.ts';
import { host } from './ui.ts';
import { saw } from './widget.ts';

const enum Time {
  /** For a snapshot to be taken, or for an unmounted chat to be mounted again. */
  Grace = 100,
}

let tag: HTMLScriptElement | null;
let observer: MutationObserver | undefined;
/** How many hold the chat; `init` never lets go. */
let holders = 0;

/** The loader tag. An inert one (`type="text/plain"`) is not ours yet: a consent banner will make it a module. */
const findTag = (): HTMLScriptElement | null => document.querySelector('[data-chathub][type=module]');

/** Follows the page through navigations that replace its content: other tag, other body, no tag. */
const scan = (): void => {
  const before = tag;
  if (findTag() !== before) init();
  if (before && !tag) controller.destroy();
  keep();
};

const watch = (): void => observer!.observe(document, { childList: true, subtree: true });

export const init: ChatHub['init'] = (options) => {
  if (!options && (tag = findTag())) {
    // Defaults stand where a value is used.
    const { dataset } = tag;
    options = {
      ...dataset,
      nonce: tag.nonce,
      orgs: dataset.orgs?.match(/\S+/g),
      texts: dataset.texts && JSON.parse(dataset.texts),
    } as Options;
  }
  if (options) {
    holders++;
    configure(options);
    if (!observer) {
      observer = new MutationObserver((records) => {
        records.forEach(({ target, addedNodes }) => target === document.body && addedNodes.forEach(saw));
        // Little to do on most changes: libraries put the new content in within the same task, or soon.
        if (!host?.isConnected || (tag && !tag.isConnected)) setTimeout(scan);
      });
      watch();
      on('turbo:before-cache htmx:beforeHistorySave', () => {
        observer!.disconnect();
        hide();
        setTimeout(() => {
          watch();
          scan();
        }, Time.Grace);
      });
    }
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
      if (!holders) controller.destroy();
    }, Time.Grace);
  };
};
