import { addScript } from './script.ts';
import type { Options } from './types.ts';

const NAME = 'operator-chat-panel';

/** The widget's script: the one that we made, or the copy that a navigation library (Astro's) has put in its place. */
export const script = (): HTMLScriptElement | null => document.querySelector(`#${NAME}-script`);

/** The address of the widget's script, by which its code is known on the stack and in errors. */
let source: string;
/** Its tag, until it has run or failed. */
let late: HTMLScriptElement | undefined;
/** It ended with an error. */
let threw: unknown;
/** What the widget's code added to the page. */
export let nodes: HTMLElement[] = [];

let marked = 0;
let followed: unknown;

/** Forgets what the widget has taken out itself. */
export const forget = (): void => {
  nodes = nodes.filter((node) => node.isConnected);
};

export const removeWidget = (): void => {
  script()?.remove();
  // What has lost its mark is by now something of the page's.
  nodes.forEach((node) => node.dataset.turboPermanent && node.remove());
  nodes = [];
};

/** Whether a text, such as a stack, names the widget's code. */
export const isWidgets = (text: any): boolean => source && text?.includes?.(source);

/**
 * Follows what is put into an element. Whose it is, only the code on the stack can tell, and only at that moment: what the
 * widget's puts there, and was nowhere before, is marked as its own, at whatever time. What it puts there once its script is
 * out of the page has no place any longer.
 */
export const follow = (parent: any): void =>
  parent !== followed &&
  (followed = parent) &&
  ['append', 'prepend', 'appendChild', 'insertBefore', 'insertAdjacentElement'].forEach((name) => {
    parent[name] = function (this: any, ...given: any[]) {
      const fresh = isWidgets(Error().stack) ? given.filter((node) => node.dataset && !node.isConnected) : [];
      const result = (Element.prototype as any)[name].apply(this, given);
      fresh.forEach((node) => {
        // An id of its own keeps libraries that merge pages from making a part of the page of it. By the attribute we know what
        // is the widget's, and Turbo leaves it in place when it merges pages.
        node.id ||= 'chathub-' + ++marked;
        node.dataset.turboPermanent = 'chathub';
        if (script()) nodes.push(node);
        else node.remove();
      });
      return result;
    };
  });

/** Gives the token to the widget, which starts, or starts again. Resolves when its script has run. */
export const place = (jwt: string, { src = `https://widget.smsbat.com/${NAME}/widget-script.js`, refresh, nonce }: Options): Promise<unknown> =>
  new Promise<any>((done, fail) => {
    const url = new URL(src, document.baseURI) + '';
    let tag = script();
    if (!tag || late || refresh !== 'attribute') {
      removeWidget();
      threw = false;
      // One that is still to come is waited for again: two would make two widgets.
      tag = late = (source === (source = url) && late) || addScript(url, nonce);
      document.documentElement.append(tag);
      const timer = setTimeout(fail, 3e4);
      tag.onload = tag.onerror = ({ type }: any) => {
        clearTimeout(timer);
        late = undefined;
        if (type === 'load' && !threw) done(0);
        else fail(threw);
      };
      tag.id = NAME + '-script';
    } else done(0);
    tag.setAttribute('token', jwt);
  });

/** Told of every error on the page: a script that throws fires `load` all the same. */
export const blame = (file: string | undefined): void => {
  threw ||= isWidgets(file);
};
