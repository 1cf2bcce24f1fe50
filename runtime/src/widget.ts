import { addScript } from './script.ts';
import type { Options } from './types.ts';

const NAME = 'operator-chat-panel';
/** By this attribute we know what is the widget's, and Turbo leaves it in place when it merges pages. */
const MARK = 'data-turbo-permanent';

/** The widget's script: the one that we made, or the copy that a navigation library (Astro's) has put in its place. */
export const script = (): HTMLScriptElement | null => document.querySelector(`#${NAME}-script`);

/** While it has still to run: what is wrong if it does not. */
let problem: 'script' | 'threw' | undefined;
/** Its address, by which its code is known on the stack and in errors. */
let source: string;
/** Its tag, until it has run or failed. */
let late: HTMLScriptElement | undefined;
/** What the widget's code added to the page. */
export let nodes: Element[] = [];

let marked = 0;

/** Forgets what the widget has taken out itself. */
export const forget = (): void => {
  nodes = nodes.filter((node) => node.isConnected);
};

export const removeWidget = (): void => {
  script()?.remove();
  // What has lost its mark is by now something of the page's.
  nodes.forEach((node) => node.hasAttribute(MARK) && node.remove());
  nodes = [];
};

/** Whether a text, such as a stack, names the widget's code. */
export const isWidgets = (text: any): boolean => source && text?.includes?.(source);

/**
 * Follows what is put into an element. Whose it is, only the code on the stack can tell, and only at that moment: what the
 * widget's puts there, and was nowhere before, is marked as its own, at whatever time.
 */
export const follow = (parent: any): void =>
  parent.hasOwnProperty('append') ||
  ['append', 'prepend', 'appendChild', 'insertBefore', 'insertAdjacentElement'].forEach((name) => {
    parent[name] = function (this: any, ...given: any[]) {
      const fresh = isWidgets(Error().stack) ? given.filter((node) => node.nodeType === 1 && !node.isConnected) : [];
      const result = Object.getPrototypeOf(this)[name].apply(this, given);
      fresh.forEach((node) => {
        // An id of its own keeps libraries that merge pages from making a part of the page of it.
        node.id ||= 'chathub-' + ++marked;
        node.setAttribute(MARK, '');
        if (script()) nodes.push(node);
        else node.remove();
      });
      return result;
    };
  });

/** Gives the token to the widget, which starts, or starts again. Resolves when its script has run. */
export const place = (jwt: string, { src = `https://widget.smsbat.com/${NAME}/widget-script.js`, refresh, nonce }: Options): Promise<void> =>
  new Promise((done, fail) => {
    let tag = script();
    if (!tag || late || refresh !== 'attribute') {
      removeWidget();
      const end = ({ type }: { type?: string }): void => {
        clearTimeout(patience);
        if (type) late = undefined;
        if (type === 'load' && problem === 'script') done();
        else fail(problem);
        problem = undefined;
      };
      const url = new URL(src, document.baseURI).href;
      try {
        // One that is still to come is waited for again: two would make two widgets.
        tag = late = (url === source && late) || addScript(url, nonce);
      } catch {
        return fail('blocked');
      }
      source = url;
      document.documentElement.append(tag);
      tag.onload = tag.onerror = end as any;
      const patience = setTimeout(end, 3e4, 0);
      problem = 'script';
      tag.id = NAME + '-script';
    } else done();
    tag.setAttribute('token', jwt);
  });

/** Told of every error on the page: a script that throws fires `load` all the same. */
export const blame = (file: string | undefined): void => {
  if (problem && isWidgets(file)) problem = 'threw';
};
