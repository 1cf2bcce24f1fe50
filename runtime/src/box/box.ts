import { core, setOrg } from '../core.ts';
import { on } from '../dom.ts';
import type { Options, State } from '../types.ts';
import { REASONS, texts } from './texts.ts';

// What the page's style sheets say ends at the host: of two important rules the one inside wins. The box is never wider than the
// page, nor higher than half of it, so that a small window, or a page at four times its size, can still be read; and as dark as
// the page says that it may be. Empty, it is as high as with a line in it, since what grows at the bottom of a page moves.
const STYLE = `:host{all:initial!important;color-scheme:inherit!important;position:fixed!important;inset:auto 8px 8px!important;width:fit-content!important;z-index:2147483000!important}
@media print{:host{display:none!important}}
div{display:flex;flex-wrap:wrap;gap:4px 8px;align-items:center;min-height:26px;max-height:50vh;overflow:auto;padding:4px 8px;background:Canvas;color:CanvasText;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere;outline:1px solid #767676}
span:empty{display:none}
a,button{color:inherit;background:none;font:inherit;min-width:24px;min-height:24px}
a{display:inline-flex;align-items:center}
button{border:1px solid #767676;border-radius:4px;padding:0 8px;cursor:pointer}
[aria-pressed=true]{font-weight:700;border-color:currentcolor}`;

let host: HTMLElement | undefined;
let group: HTMLElement;
let status: HTMLElement;
let close: HTMLButtonElement;
let buttons: HTMLButtonElement[];
let listed: string | undefined;
/** The state in which the visitor closed the box. */
let closed: State | undefined;
/** What of the page had the keyboard's focus before the box. */
let before: HTMLElement | null | undefined;

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
  made.addEventListener('focusin', ({ relatedTarget }) => (before = relatedTarget as HTMLElement | null));
  return made;
};

/** Takes the box away. The focus goes back to where it came from, not to the beginning of the page. */
const leave = (): void => {
  if (host === document.activeElement) before?.focus({ preventScroll: true });
  host!.remove();
};

/** What is said of one state must not stay in the next. That the chat is on its way is said once it takes long. */
const onState = (): void => {
  if (host!.isConnected && (core.options_.orgs || core.state_ !== 'loading')) render();
};

/** Shows what there is to show: the chooser, and that the chat is on its way or cannot be had, with where else to turn. */
export const render = (code?: string | number): void => {
  const { state_: state, options_: options, org_: org } = core;
  const { contact = '', ui } = options;
  const orgs: string[] = [options.orgs || []].flat().join(' ').match(/\S+/g) || [];
  // What the page gives may be anything.
  let own = options.texts as any;
  try {
    own = JSON.parse(own);
  } catch {
    // An object, or nothing that can be read.
  }
  own = Object(own) as NonNullable<Options['texts']>;
  const built = texts();
  const broken = state === 'failed' || state === 'offline';
  if (code) console.info(`chathub: no chat: ${REASONS[code] || `the endpoint answered ${code}`}`);
  if (closed !== state) closed = undefined;

  host ||= build();
  // Rebuilt only when the list changes, so that the keyboard's focus stays where it is.
  if (listed !== (listed = orgs + '')) {
    buttons = orgs.map((value) => make('button', { value, textContent: own.orgs?.[value] || value, onclick: () => setOrg(value) }));
    group.replaceChildren(...buttons, status);
  }
  buttons.forEach((button) => (button.ariaPressed = `${button.value === org}`));

  const said = state === 'loading' ? own.loading : own.failed;
  const text = state === 'loading' ? said || built.loading : broken ? said || built.failed : '';
  const shown = ui !== 'none' && state !== 'destroyed' && !closed && (!!buttons[0] || !!text);
  if (!shown) return leave();
  // Readers announce what changes in a region that is there: it comes first, its text behind it.
  if (!host.isConnected) {
    document.documentElement.append(host);
    // Here, since `document.open()` ends what listens.
    on('chathub:state', onState);
    // Not for ever against somebody who takes it out.
    setTimeout(() => host!.isConnected && render(), 100);
    return;
  }
  if (status.textContent !== text) status.textContent = text;
  // The page's own texts are in its own language.
  status.lang = said ? built.page : built.lang;
  // Made anew, since one that moves is a layout shift; unless it has the focus.
  group.querySelector('a:not(:focus)')?.remove();
  if (text && /^(mailto|tel|https):/i.test(contact) && !group.querySelector('a') && !document.querySelector('a[data-chathub-contact]'))
    status.after(make('a', { href: contact, textContent: own.contact || contact.replace(/^\w+:\/*/, '') }));
  close.ariaLabel = built.close;
  close.lang = built.lang;
  close.onclick = () => {
    closed = state;
    leave();
  };
  // What says that the chat is on its way goes by itself. Not once more, which would take the focus off it.
  if (!broken && !buttons[0]) close.remove();
  // Of a chooser it comes before the text, so that it does not move when there is one.
  else if (!close.isConnected) buttons[0] ? status.before(close) : group.append(close);
};
