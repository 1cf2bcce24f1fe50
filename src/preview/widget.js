// Stands in for the vendor's widgets in `chathub preview` and `chathub verify --browser`: shows which organization the page has, which rule chose it,
// and the state of its token, or its guid. Like the real one it is a module that reads its own tag when it is evaluated, and is
// evaluated again for a new token. It needs no inline script or style, so it runs under the policies that pages have.

const NAME = 'chathub-preview';
// Elsewhere nobody knows more about a page than its tags say, and a request would be one that the page does not make otherwise.
const isPreview = import.meta.url.includes('/.chathub/');

// What has to outlive an evaluation: whether the panel is open, and how often each organization was started.
const memory = (window[Symbol.for(NAME)] ??= { open: innerWidth > 600, starts: new Map() });

const STYLE = `
:host {
  color-scheme: light dark;
  --text: light-dark(#1c2430, #e8ecf2);
  --quiet: light-dark(#566173, #a5b0c0);
  --surface: light-dark(#fff, #1b222d);
  --line: light-dark(#d5dbe4, #364152);
  --accent: light-dark(#0b6e5f, #45c9b1);
  --on-accent: light-dark(#fff, #06231e);
  position: fixed;
  inset-block-end: 1rem;
  inset-inline-end: 1rem;
  z-index: 2147483000;
  max-inline-size: calc(100vw - 2rem);
  font: 14px/1.45 system-ui, sans-serif;
  color: var(--text);
}
details {
  inline-size: max-content;
  max-inline-size: min(21rem, 100%);
  margin-inline-start: auto;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 14px;
  box-shadow: 0 8px 28px rgb(0 0 0 / 18%);
  overflow: hidden;
}
details[open] { inline-size: 21rem; }
summary {
  display: flex;
  align-items: center;
  gap: .6rem;
  padding: .6rem .9rem;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
  cursor: pointer;
  list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary svg { flex: none; inline-size: 1.35rem; block-size: 1.35rem; fill: currentColor; }
summary span { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; }
summary::after { content: "+"; font-weight: 400; font-size: 1.25rem; line-height: 1; }
details[open] summary::after { content: "−"; }
:focus-visible { outline: 3px solid var(--text); outline-offset: -3px; }
.body { padding: .9rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem .9rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; min-inline-size: 0; overflow-wrap: anywhere; }
dd b { font-weight: 600; }
small { display: block; color: var(--quiet); font-size: 12.5px; }
code { font: 12.5px/1.45 ui-monospace, monospace; }
.end { display: flex; align-items: center; justify-content: space-between; gap: .8rem; margin-block-start: .8rem; }
button {
  flex: none;
  padding: .35rem .8rem;
  border: 1px solid var(--line);
  border-radius: 8px;
  background: none;
  color: inherit;
  font: inherit;
  cursor: pointer;
}
button:hover { border-color: var(--accent); }
button:focus-visible { outline-color: var(--accent); outline-offset: 1px; }
`;

const make = (name, content = [], attributes = {}) => {
  const element = document.createElementNS('http://www.w3.org/1999/xhtml', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...[content].flat());
  return element;
};

const bubble = () => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', 'M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-7l-5.4 3.9A1 1 0 0 1 6 21v-3H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z');
  svg.append(path);
  return svg;
};

const time = (date) => new Date(date).toLocaleTimeString([], { timeStyle: 'medium' });
const span = (seconds) => (seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`);

class Preview extends HTMLElement {
  #org;
  #name = make('b');
  #title = make('span');
  #rule = make('dd', '…');
  #token = make('dd');
  #expiry = make('small');
  #status = make('small', '', { role: 'status' });
  #fetched = Date.now();
  #lifetime;
  #timer;
  #listening = new AbortController();

  /** Shows what the widget's tag says; `renew` asks for another token, where somebody can. */
  show({ token, guid, org, renew }) {
    const shown = token?.length > 32 ? `${token.slice(0, 6)}…${token.slice(-4)}` : (token ?? 'none');
    if (guid) this.#token.append(make('code', guid), make('small', 'of the customer widget, which needs no token'));
    else this.#token.append(make('code', shown), this.#expiry);
    const end = make('div', this.#status, { class: 'end' });
    if (renew) {
      const button = make('button', 'Renew token', { type: 'button' });
      button.addEventListener('click', renew);
      end.append(button);
    } else this.#lifetime = null;
    const rows = make('dl', [
      make('dt', 'Organization'), make('dd', this.#name),
      ...(isPreview ? [make('dt', 'Chosen by'), this.#rule] : []),
      make('dt', guid ? 'Guid' : 'Token'), this.#token,
    ]);
    const details = make('details', [make('summary', [bubble(), this.#title]), make('div', [rows, end], { class: 'body' })]);
    details.open = memory.open;
    details.addEventListener('toggle', () => (memory.open = details.open));
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [style];
    root.append(make('section', details, { 'aria-label': 'Chat preview' }));
    this.#call(org);
    if (isPreview) this.#ask();
  }

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    // With several organizations on a page, the runtime tells which one the visitor chose.
    for (const kind of ['ready', 'refresh'])
      document.addEventListener(`chathub:${kind}`, ({ detail }) => this.#call(detail?.org), { signal });
    document.addEventListener('chathub:error', ({ detail }) => (this.#status.textContent = `No new token: ${detail?.code}`), { signal });
    this.#timer = setInterval(() => this.#tell(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#listening.abort();
  }

  #call(org = 'any') {
    if (this.#org === org) return;
    this.#org = org;
    const starts = (memory.starts.get(org) ?? 0) + 1;
    memory.starts.set(org, starts);
    this.#name.textContent = org === 'any' ? 'none named: the endpoint chooses' : org;
    this.#title.textContent = org === 'any' ? 'Chat' : `Chat with ${org}`;
    this.#status.textContent = starts > 1 ? `Token renewed ${starts - 1}×` : 'Stands in for the real widget';
  }

  async #ask() {
    try {
      const reply = await fetch(`/.chathub/page?path=${encodeURIComponent(location.pathname)}`);
      const { account, tokenLifetime } = await reply.json();
      if (this.#lifetime !== null) this.#lifetime = tokenLifetime;
      const { because = 'not known', conditions } = account ?? {};
      this.#rule.replaceChildren(...(conditions ? [make('code', conditions), make('small', because)] : [because]));
    } catch {
      this.#rule.textContent = 'not known: the preview does not answer';
    }
    this.#tell();
  }

  #tell() {
    if (this.#lifetime === null) this.#expiry.textContent = 'written into the page (static mode)';
    else if (this.#lifetime) {
      const left = Math.round((this.#fetched - Date.now()) / 1000) + this.#lifetime;
      this.#expiry.textContent = `fetched at ${time(this.#fetched)}, ${left > 0 ? `expires in ${span(left)}` : 'expired'}`;
    }
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, Preview);
// Each of the vendor's scripts finds its own tag by its id.
const own = [...document.scripts].find(({ src }) => src === import.meta.url);
const isCustomers = import.meta.url.includes('/customer-') || own?.id === 'chat-widget-script';
const tag = document.getElementById(isCustomers ? 'chat-widget-script' : 'operator-chat-panel-script');
const loader = isCustomers ? null : document.querySelector('script[data-chathub]');
const preview = document.createElement(NAME);
document.body.append(preview);
preview.show({
  token: tag?.getAttribute('token'),
  guid: isCustomers && (tag?.getAttribute('guid') ?? 'none'),
  org: tag?.dataset.org ?? loader?.dataset.org,
  renew: loader && (() => window.ChatHub?.controller.refresh()),
});
