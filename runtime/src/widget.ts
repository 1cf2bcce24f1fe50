import { make } from './dom.ts';
import type { Options } from './types.ts';

interface Policy {
  createScriptURL(url: string): string;
}

/** The widget's script: the one that we made, or the copy that a navigation library (Astro's) has put in its place. */
const script = (): HTMLScriptElement | null => document.querySelector('#operator-chat-panel-script');

/** While it has still to run: what is wrong if it does not. */
let problem: 'script' | 'threw' | undefined;
/** What the widget added to the page. */
export let nodes: ChildNode[] = [];

let fresh: ChildNode[] = [];
let policy: Policy | undefined;
// The module map keeps a module for the document's whole life, by URL: only an unused fragment evaluates it again,
// or asks for it again after a failure (Firefox keeps failures too).
let fragment = 0;

export const removeWidget = (): void => {
  script()?.remove();
  nodes.forEach((node) => node.remove());
  nodes = [];
};

/** Gives the token to the widget, which starts, or starts again. Resolves when its script has run. */
export const place = (
  jwt: string,
  { src = 'https://widget.smsbat.com/operator-chat-panel/widget-script.js', refresh, nonce }: Options,
): Promise<void> =>
  new Promise((done, fail) => {
    let tag = script();
    if (!tag || refresh !== 'attribute') {
      const rules: Policy = { createScriptURL: (url) => url };
      const end = ({ type }: { type: string }): void => {
        const loaded = type === 'load';
        // This event comes in the same task as the evaluation: what was added in this task is the widget's.
        if (loaded) nodes.push(...fresh);
        if (loaded && problem === 'script') done();
        else fail(problem);
        problem = undefined;
      };
      // A page that requires Trusted Types takes a script's URL from a policy only, and may allow each name once.
      policy ||= ((window as any).trustedTypes?.createPolicy('chathub', rules) as Policy) || rules;
      removeWidget();
      problem = 'script';
      tag = make('script', {
        id: 'operator-chat-panel-script',
        type: 'module',
        nonce,
        src: policy.createScriptURL(src + '#' + ++fragment),
        onload: end,
        onerror: end,
      });
      // Beside head and body, where no navigation library looks when it takes or merges snapshots of them.
      document.documentElement.append(tag);
    } else done();
    tag.setAttribute('token', jwt);
  });

/** Told of every error on the page: a script that throws fires `load` all the same. */
export const blame = (file: string | undefined): void => {
  if (problem && file && script()?.src.startsWith(file)) problem = 'threw';
};

/** Told of each node added to the body: keeps what is the widget's, to take it out again. */
export const saw = (node: any): void => {
  if (problem) {
    fresh.push(node);
    setTimeout(() => (fresh = []));
    // What it adds later says whose it is.
  } else if (script() && /smsbat|operator-chat/i.test(node.tagName + node.id + node.className + node.src)) nodes.push(node);
};
