import type { Options } from './types.ts';

/**
 * The loader tag. An inert one (`type="text/plain"`) is not ours yet: a consent banner will make it a module. Nor is that of
 * a page in a frame of another page that has one: there is one chat per window.
 */
export const findTag = (): HTMLElement | undefined => {
  const found = document.querySelector<HTMLElement>('[data-chathub][type=module]');
  // The element that frames us is hidden from us where the outer page is somebody else's.
  return frameElement?.ownerDocument.querySelector('[data-chathub]') && !found?.dataset.frames ? undefined : found!;
};

/** What a tag says. */
export const optionsOf = (tag: HTMLElement): Options => {
  const options: Options = { ...tag.dataset, nonce: tag.nonce } as object;
  // One that was held there for consent keeps the runtime's own address: Klaro copies it.
  if (options.src == tag.getAttribute('src')) delete options.src;
  return options;
};
