import { keysOf, type Settings } from './options.ts';
import { TEXTS } from './texts.ts';
import type { State, Texts } from './types.ts';

// Through the CSSOM, which no Content-Security-Policy forbids; a style sheet or attribute would need `style-src`.
// No motion anywhere, so there is none to reduce. White on #1f2937 has a contrast of 14.7:1.
const PILL = 'font:14px system-ui;color:#fff;background:#1f2937;border:1px solid;border-radius:8px;padding:8px 12px;margin:4px';

const make = <K extends keyof HTMLElementTagNameMap>(name: K, style: string): HTMLElementTagNameMap[K] => {
  const element = document.createElement(name);
  element.style.cssText = style;
  return element;
};

/** Everything that we show, in one element at the end of the body: chooser, status line, contact link. */
export let host: HTMLElement;
let status: HTMLElement;
let own: HTMLAnchorElement;
let listed: string;

/** Shows what there is to show. */
export const render = (state: State, settings: Settings, org: string | undefined, choose: (key: string) => void): void => {
  const { contact = '', ui, texts: words } = settings;
  const keys = ui === 'none' ? [] : keysOf(settings);
  const language = document.documentElement.lang.slice(0, 2);
  const broken = state === 'failed' || state === 'offline';
  const [loading, failed] = TEXTS[language] || TEXTS.en!;
  let texts: Partial<Texts> = { loading, failed };
  try {
    texts = { ...texts, ...(words && typeof words === 'string' ? JSON.parse(words) : words) };
  } catch {
    // Not JSON: then the built-in texts do.
  }

  if (!host) {
    host = make('div', 'position:fixed;bottom:8px;inset-inline-start:8px;z-index:2147483000');
    status = make('span', PILL);
    own = make('a', PILL);
    host.setAttribute('role', 'group');
    host.ariaLabel = 'Chat';
    host.dataset.chathubUi = own.dataset.chathubContact = '';
    status.setAttribute('role', 'status');
  }
  // Rebuilt only when the list changes, so that the keyboard's focus stays where it is.
  if (listed !== (listed = keys + '')) {
    host.replaceChildren(
      ...keys.map((key) => {
        const button = make('button', PILL);
        button.value = key;
        button.textContent = texts.orgs?.[key] || key;
        button.onclick = () => choose(key);
        return button;
      }),
      status,
      own,
    );
  }
  for (const button of host.querySelectorAll('button')) {
    const chosen = button.value === org;
    button.ariaPressed = chosen + '';
    button.style.fontWeight = chosen ? '700' : '';
  }

  status.textContent = (ui !== 'none' && (state === 'loading' ? texts.loading : broken && texts.failed)) || '';
  status.style.display = status.textContent ? '' : 'none';

  // The page's own link comes before ours, and keeps its place while it is hidden: nothing moves.
  const link = document.querySelector<HTMLElement>('a[data-chathub-contact]') || own;
  if (link !== own) link.style.visibility = state === 'ready' ? 'hidden' : '';
  const shown = link === own && broken && ui !== 'none' && /^(mailto|tel|https):/i.test(contact);
  own.style.display = shown ? '' : 'none';
  if (shown) own.href = contact;
  own.textContent = contact.replace(/^\w+:(\/\/)?/, '');
};
