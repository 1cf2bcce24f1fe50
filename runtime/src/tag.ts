import type { Options } from './types.ts';

/**
 * The loader tag, which is a script of HTML: one of `svg` or `math` loads nothing by `src`, and whatever else has the attribute is the
 * page's own. An inert one (`type="text/plain"`) is not ours yet: a consent banner will make it a module. Nor is that of a page in a
 * frame of another page that has one: there is one chat per window.
 */
export const findTag = (): HTMLElement | undefined =>
  [...document.scripts].find(
    (script) =>
      script.matches('[data-chathub][type=module]') &&
      // The element that frames us is hidden from us where the outer page is somebody else's.
      (script.dataset.frames || !frameElement || !parent.document.querySelector('[data-chathub]')),
  );

/** What a tag says. */
export const optionsOf = (tag: HTMLElement): Options => {
  const options: Options = { ...tag.dataset, nonce: tag.nonce } as object;
  // One that was held there for consent keeps the runtime's own address: Klaro copies it.
  if (options.src == tag.getAttribute('src')) delete options.src;
  return options;
};
