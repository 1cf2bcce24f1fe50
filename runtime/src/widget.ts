import { sleep } from './dom.ts';
import type { Settings } from './options.ts';
import { backoff, fail, type Token } from './token.ts';

const ID = 'operator-chat-panel-script';
/** What the vendor's elements say about themselves, for those that it adds later than its script runs. */
const VENDOR = /smsbat|operator-chat/i;

// The module map keeps a module for the document's whole life, by URL: only an unused fragment evaluates it again,
// or asks for it again after a failure (Firefox keeps failures too).
let fragment = 0;

interface Policy {
  createScriptURL(url: string): string;
}

// A page that requires Trusted Types takes a script's URL from a policy only, and may allow each name once.
let policy: Policy = { createScriptURL: (url) => url };
let asked = false;

const trusted = (url: string): string => {
  try {
    const { trustedTypes } = window as unknown as { trustedTypes: { createPolicy(name: string, rules: Policy): Policy } };
    if (!asked) policy = trustedTypes.createPolicy('chathub', policy);
  } catch {
    // No Trusted Types here, or our policy is not allowed: then the page's default policy decides.
  }
  asked = true;
  return policy.createScriptURL(url);
};

/** The one widget of the document: its script, and what the script added to the page. */
export const createWidget = () => {
  let script: HTMLScriptElement | undefined;
  let running = false;
  let threw = false;
  let fresh: ChildNode[] = [];
  const nodes = new Set<ChildNode>();

  const remove = (): void => {
    script?.remove();
    script = undefined;
    nodes.forEach((node) => node.remove());
    nodes.clear();
  };

  /** Adds the tag; resolves, when the script has run or failed to, with whether it runs. */
  const insert = (jwt: string, settings: Settings): Promise<boolean> =>
    new Promise((done) => {
      const tag = (script = document.createElement('script'));
      // A tag that somebody else left would be found first by the widget, which looks for its own by this id.
      document.getElementById(ID)?.remove();
      tag.id = ID;
      tag.type = 'module';
      if (settings.nonce) tag.nonce = settings.nonce;
      tag.src = trusted(settings.src + '#' + ++fragment);
      tag.setAttribute('token', jwt);
      threw = false;
      running = true;
      tag.onload = tag.onerror = (event) => {
        running = false;
        const loaded = (event as Event).type === 'load';
        // The load event comes in the same task as the evaluation: what was added in this task is the widget's.
        if (loaded) fresh.forEach((node) => nodes.add(node));
        done(loaded && !threw);
      };
      document.head.append(tag);
    });

  return {
    nodes,
    remove,
    script: () => script,

    /** Gives the token to the widget, which starts, or starts again. Stops trying when `wanted` says no. */
    async place({ jwt }: Token, settings: Settings, wanted: () => boolean): Promise<void> {
      if (script && settings.refresh === 'attribute') return script.setAttribute('token', jwt);
      for (let attempt = 0; wanted(); attempt++) {
        remove();
        if (await insert(jwt, settings)) return;
        const broken = threw;
        remove();
        if (broken || attempt >= Math.min(2, settings.retries)) throw fail('script', !broken);
        await sleep(backoff(attempt));
      }
    },

    /** Told of every error on the page: a script that throws fires `load` all the same. */
    blame(file: unknown): void {
      if (running && script && file && script.src.startsWith(String(file))) threw = true;
    },

    /** Told of what was added to head, body and root: keeps what is the widget's, to take it out again. */
    saw(added: ChildNode[]): void {
      const late = added.filter(
        (node) => script && VENDOR.test([node.nodeName, (node as HTMLElement).id, (node as HTMLElement).className, (node as HTMLIFrameElement).src].join()),
      );
      late.forEach((node) => node !== script && nodes.add(node));
      if (running) {
        fresh.push(...added.filter((node) => node !== script));
        setTimeout(() => (fresh = []));
      }
    },
  };
};

export type Widget = ReturnType<typeof createWidget>;
