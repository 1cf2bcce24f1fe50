import { chat } from './chat.ts';
import { ID, script } from './dom.ts';
import { addScript } from './script.ts';
import type { Options } from './types.ts';

/** The address of the widget's script, by which its code is known on the stack and in errors. */
let source: string;
/** Its tag, until it has run or failed. */
let late: HTMLScriptElement | undefined;
/** It ended with an error. */
let threw: unknown;
let marked = 0;
let followed: unknown;

export const removeWidget = (): void => {
  script()?.remove();
  // What has lost its mark is by now something of the page's.
  chat.nodes_.splice(0).forEach((node) => node.dataset.turboPermanent && node.remove());
};

/** Whether a text, such as a stack, names the widget's code. */
export const isWidgets = (text: any): boolean => source && text?.includes?.(source);

/**
 * Follows what is put into an element. Whose it is, only the code on the stack can tell, and only at that moment: what the
 * widget's puts there, and was nowhere before, is marked as its own, at whatever time. What it puts there once its script is
 * out of the page has no place any longer.
 */
export const follow = (parent: any): void =>
  followed !== (followed = parent) && parent &&
  'append appendChild prepend insertBefore insertAdjacentElement'.split(' ').forEach((name) => {
    parent[name] = function (this: any, ...given: any[]) {
      given.forEach((node) => {
        if (!node?.dataset || node.isConnected || !isWidgets(Error().stack)) return;
        // An id of its own keeps libraries that merge pages from making a part of the page of it. By the attribute we know what
        // is the widget's, and Turbo leaves it in place when it merges pages.
        chat.nodes_.push(node);
        node.dataset.turboPermanent = 'chathub';
        node.id ||= 'chathub-' + ++marked;
      });
      try {
        return (Element.prototype as any)[name].apply(this, given);
      } finally {
        script() || removeWidget();
      }
    };
  });

/** Gives the token to the widget, which starts, or starts again. Resolves when its script has run. */
export const place = (jwt: string, { src = 'https://widget.smsbat.com/operator-chat-panel/widget-script.js', nonce }: Options): Promise<unknown> =>
  new Promise<any>((done, fail) => {
    const url = new URL(src, document.baseURI) + '';
    removeWidget();
    threw = false;
    // One that is still to come is waited for again: two would make two widgets.
    const tag = (late = (source === (source = url) && late) || addScript(url, nonce));
    document.documentElement.append(tag);
    const timer = setTimeout(fail, 3e4);
    tag.onerror = tag.onload = ({ type }: any) => {
      clearTimeout(timer);
      late = undefined;
      if (type === 'load' && !threw) done(0);
      else fail(threw);
    };
    tag.id = ID;
    tag.setAttribute('token', jwt);
  });

/** Told of every error on the page: a script that throws fires `load` all the same. */
export const blame = (file: string | undefined): void => {
  threw ||= isWidgets(file);
};
