interface Policy {
  createScriptURL(url: string): string;
}

const rules: Policy = { createScriptURL: (url) => url };
let policy: Policy | undefined;
// The module map keeps a module for the document's whole life, by URL: only an unused fragment evaluates it again,
// or asks for it again after a failure (Firefox keeps failures too).
let fragment = 0;

/** Adds a module script to the page. Throws where the page's rules for Trusted Types forbid it. */
export const addScript = (src: string | URL, nonce: string | undefined, ended?: (event?: any) => void): HTMLScriptElement => {
  // A page that requires Trusted Types takes a script's URL from a policy only, and may allow each name once.
  policy ||= ((window as any).trustedTypes?.createPolicy('chathub', rules) as Policy) || rules;
  const tag = Object.assign(document.createElement('script'), {
    type: 'module',
    nonce,
    onload: ended,
    onerror: ended,
    src: policy.createScriptURL(src + '#' + ++fragment),
  });
  // Beside head and body, where no navigation library looks when it takes or merges snapshots of them.
  document.documentElement.append(tag);
  return tag;
};
