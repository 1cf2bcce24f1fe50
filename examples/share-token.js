// Lets the tabs of a browser share a token, so that many page views need not make as many requests of the endpoint.
//
//   <script type="module">
//     import { init } from '/chathub-assets/runtime.js';
//     import { getToken } from '/share-token.js';
//     init({ org: 'sales', getToken });
//   </script>
//
// Only for an endpoint that gives every visitor the same. Where visitors log in, a tab that one of them has left open would hand a
// token to the next, and nobody would ask the endpoint whether it may.
//
// Nothing is stored. A tab answers as long as it has the chat: not after `destroy()`, nor when consent is withdrawn.

const ENDPOINT = '/api/chathub/token';
/** A token that is older than this is not taken from another tab, in milliseconds. */
const FRESH = 6e5;
/** How long the other tabs may take to answer: so much later the chat comes when there are none. */
const PATIENCE = 50;

/** What this page has: for which organization, the reply, and when that came. */
let own;
/** Whether this page has asked before: then it wants another token than the one that all have. */
let again = false;
let channel;

const listen = () => {
  channel = new BroadcastChannel('share-token');
  channel.addEventListener('message', ({ data }) => {
    if (data.wanted && own && window.ChatHub?.controller.state === 'ready') channel.postMessage(own);
  });
};
listen();
// A page that the browser keeps for going back must not listen: a message would end it.
addEventListener('pagehide', () => channel.close());
addEventListener('pageshow', ({ persisted }) => persisted && listen());

const ask = (org) =>
  new Promise((done) => {
    channel.addEventListener('message', ({ data }) => {
      if (data.reply && data.org === org && Date.now() - data.at < FRESH) done(data);
    });
    channel.postMessage({ wanted: true });
    setTimeout(done, PATIENCE);
  });

export const getToken = async (org, signal) => {
  own = again ? undefined : await ask(org);
  again = true;
  if (!own) {
    const url = new URL(ENDPOINT, location.href);
    if (org) url.searchParams.set('org', org);
    const response = await fetch(url, { signal, cache: 'no-store' });
    // The runtime reads its status.
    if (!response.ok) throw response;
    own = { org, reply: await response.text(), at: Date.now() };
  }
  return own.reply;
};
