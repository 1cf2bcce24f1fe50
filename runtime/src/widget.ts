import type { Settings } from './options.ts';

const ID = 'operator-chat-panel-script';

/** The widget's script. */
export let script: HTMLScriptElement | undefined;
/** What the widget added to the page. */
export const nodes = new Set<Element>();

let loading: boolean | undefined;
let threw: boolean;
let fresh: Element[] = [];
// The module map keeps a module for the document's whole life, by URL: only an unused fragment evaluates it again,
// or asks for it again after a failure (Firefox keeps failures too).
let fragment = 0;

interface Policy {
  createScriptURL(url: string): string;
}

// A page that requires Trusted Types takes a script's URL from a policy only, and may allow each name once.
let policy: Policy | undefined;

const trusted = (url: string): string => {
  const rules: Policy = { createScriptURL: (wanted) => wanted };
  try {
    policy ||= (window as any).trustedTypes.createPolicy('chathub', rules) as Policy;
  } catch {
    // No Trusted Types here, or our policy is not allowed: then the page's default policy decides.
    policy = rules;
  }
  return policy.createScriptURL(url);
};

export const removeWidget = (): void => {
  script?.remove();
  script = undefined;
  nodes.forEach((node) => node.remove());
  nodes.clear();
};

/** Gives the token to the widget, which starts, or starts again. Resolves when its script has run. */
export const place = (jwt: string, { src, refresh, nonce }: Settings): Promise<void> =>
  new Promise((done, fail) => {
    if (script && refresh === 'attribute') {
      script.setAttribute('token', jwt);
      return done();
    }
    removeWidget();
    // A tag that somebody else left would be found first by the widget, which looks for its own by this id.
    document.getElementById(ID)?.remove();
    script = document.createElement('script');
    script.id = ID;
    script.type = 'module';
    script.nonce = nonce!;
    script.src = trusted((src || 'https://widget.smsbat.com/operator-chat-panel/widget-script.js') + '#' + ++fragment);
    script.setAttribute('token', jwt);
    loading = true;
    threw = false;
    script.onload = script.onerror = (event) => {
      loading = false;
      // The load event comes in the same task as the evaluation: what was added in this task is the widget's.
      fresh.forEach((node) => nodes.add(node));
      if (!threw && (event as Event).type === 'load') return done();
      removeWidget();
      fail({ code: 'script', retry_: !threw });
    };
    // Beside head and body, where no navigation library looks when it takes or merges snapshots of them.
    document.documentElement.append(script);
  });

/** Told of every error on the page: a script that throws fires `load` all the same. */
export const blame = (file: string | undefined): void => {
  if (loading && file && script!.src.startsWith(file)) threw = true;
};

/** Told of nodes added to the body: keeps what is the widget's, to take it out again. */
export const saw = (node: Element): void => {
  // Styles stay: modules that the widget imports run once, and would not bring them again.
  if (!node.tagName || /^(script|style|link)$/i.test(node.tagName)) return;
  if (loading) fresh.push(node);
  // What it adds later says whose it is.
  if (script && /smsbat|operator-chat/i.test(node.tagName + node.id + node.className + (node as HTMLIFrameElement).src)) nodes.add(node);
};

/** The task in which nodes were seen is over. */
export const forget = (): void => {
  fresh = [];
};
