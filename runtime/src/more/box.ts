import type { chat } from '../chat.ts';
import { on } from '../dom.ts';
import type { Options, State } from '../types.ts';
import { REASONS, texts } from './texts.ts';

// What the page's style sheets say ends at the host: of two important rules the one inside wins.
const STYLE = `:host{all:initial!important;position:fixed!important;inset:auto auto 8px 8px!important;z-index:2147483000!important}
:host(:dir(rtl)){inset:auto 8px 8px auto!important}
@media print{:host{display:none!important}}
div{display:flex;flex-wrap:wrap;gap:4px 8px;align-items:center;box-sizing:border-box;max-width:calc(100vw - 16px);max-height:calc(100vh - 16px);overflow:auto;padding:4px 8px;background:#fff;color:#000;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere;outline:1px solid #767676}
span:empty{display:none}
a,button{color:#000;background:#fff;font:inherit;min-width:24px;min-height:24px;overflow-wrap:anywhere}
a{display:inline-flex;align-items:center}
button{border:1px solid #767676;border-radius:4px;padding:0 8px;cursor:pointer}
[aria-pressed=true]{font-weight:700;border-color:#000}`;

let shared: typeof chat;
let host: HTMLElement | undefined;
let group: HTMLElement;
let status: HTMLElement;
let close: HTMLButtonElement;
let buttons: HTMLButtonElement[];
let listed: string | undefined;
/** The state in which the visitor closed the box. */
let closed: State | undefined;

const make = <K extends keyof HTMLElementTagNameMap>(name: K, properties: object): HTMLElementTagNameMap[K] =>
  Object.assign(document.createElement(name), properties);

const build = (): HTMLElement => {
  const made = document.createElement('chathub-box');
  const root = made.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  group = make('div', { role: 'region', ariaLabel: 'Chat' });
  status = make('span', { role: 'status' });
  close = make('button', { textContent: '×' });
  root.append(group);
  return made;
};

/** What is said of one state must not stay in the next. That the chat is on its way is said once it takes long. */
const onState = (): void => {
  if (host!.isConnected && shared.state_ !== 'loading') render(shared);
};

/** Shows what there is to show: the chooser, and that the chat is on its way or cannot be had. */
export const render = (core: typeof chat, code?: string | number): void => {
  const { state_: state, options_: options, org_: org } = core;
  const { contact = '', ui, orgs } = options;
  // What the page gives may be anything.
  const own = Object(options.texts) as NonNullable<Options['texts']>;
  const built = texts();
  const broken = state === 'failed' || state === 'offline';
  if (code) console.info(`chathub: no chat: ${REASONS[code] || `the endpoint answered ${code}`}`);
  if (closed !== state) closed = undefined;

  host ||= build();
  group.lang = built.lang;
  // Rebuilt only when the list changes, so that the keyboard's focus stays where it is.
  if (listed !== (listed = orgs + '')) {
    buttons = (orgs || []).map((value) => make('button', { value, textContent: own.orgs?.[value] || value, onclick: () => core.setOrg_(value) }));
    group.replaceChildren(...buttons, status);
  }
  buttons.forEach((button) => (button.ariaPressed = `${button.value === org}`));

  const text = state === 'loading' ? own.loading || built.loading : broken ? own.failed || built.failed : '';
  const shown = ui !== 'none' && state !== 'destroyed' && !closed && (!!buttons[0] || !!text);
  if (!shown) return host.remove();
  const say = (): void => {
    // This takes out the link that we made the last time.
    if (status.textContent !== text) status.textContent = text;
  };
  // Readers announce what changes in a region that is there: it comes first, its text behind it.
  if (host.isConnected) say();
  else {
    document.documentElement.append(host);
    shared = core;
    // Here, since `document.open()` ends what listens.
    on('chathub:state', onState);
    setTimeout(() => render(core), 100);
    return;
  }
  group.querySelector('a')?.remove();
  if (broken && /^(mailto|tel|https):/i.test(contact) && !document.querySelector('a[data-chathub-contact]'))
    status.after(make('a', { href: contact, textContent: own.contact || contact.replace(/^\w+:\/*/, '') }));
  close.ariaLabel = built.close;
  close.onclick = () => {
    closed = state;
    host!.remove();
  };
  if (broken && !buttons[0]) group.append(close);
  else close.remove();
};
