import type { Settings } from './options.ts';
import { textsFor } from './texts.ts';
import type { State } from './types.ts';

// Through the CSSOM, which no Content-Security-Policy forbids; a style sheet or attribute would need `style-src`.
// No motion anywhere, so there is none to reduce. White on #1f2937 has a contrast of 14.7:1.
const PILL =
  'font:14px/1.4 system-ui,sans-serif;color:#fff;background:#1f2937;border:1px solid #fff;border-radius:8px;padding:8px 12px;margin:0;';
const CORNER =
  'position:fixed;bottom:16px;inset-inline-start:16px;z-index:2147483000;display:flex;flex-wrap:wrap;gap:8px;max-width:calc(100vw - 32px)';

export interface Ui {
  /** Everything that we show, in one element at the end of the body. */
  host: HTMLElement;
  render(state: State, settings: Settings, org: string | undefined): void;
}

const element = <K extends keyof HTMLElementTagNameMap>(name: K, style: string, parent?: Node): HTMLElementTagNameMap[K] => {
  const made = document.createElement(name);
  made.style.cssText = style;
  parent?.appendChild(made);
  return made;
};

/** The status line, the chooser of organizations, and the contact link. */
export const createUi = (choose: (org: string) => void): Ui => {
  const host = element('div', CORNER);
  const group = element('div', 'display:contents', host);
  const status = element('span', '', host);
  const own = element('a', '', host);
  host.dataset.chathubUi = '';
  status.setAttribute('role', 'status');
  group.setAttribute('role', 'group');
  own.dataset.chathubContact = '';
  let listed = '';
  return {
    host,
    render(state, settings, org) {
      const texts = textsFor(settings.words);
      const silent = settings.ui === 'none';
      const broken = state === 'failed' || state === 'offline';
      const { contact, keys } = settings;
      host.lang = texts.lang;

      const text = silent ? '' : state === 'loading' ? texts.loading : broken ? texts.failed : '';
      if (status.textContent !== text) status.textContent = text;
      status.style.cssText = text && PILL;

      // Rebuilt only when they change, so that the keyboard's focus stays where it is.
      if (listed !== (listed = silent ? '' : keys.join())) {
        group.textContent = '';
        keys.forEach((key) => {
          const button = element('button', PILL + 'cursor:pointer', group);
          button.type = 'button';
          button.value = key;
          button.textContent = Object(texts.orgs)[key] || key;
          button.onclick = () => choose(key);
        });
      }
      group.ariaLabel = texts.choose;
      group.hidden = !listed;
      for (const button of group.children) {
        const chosen = (button as HTMLButtonElement).value === org;
        button.setAttribute('aria-pressed', String(chosen));
        (button as HTMLElement).style.fontWeight = chosen ? '700' : '';
      }

      // The page's own link keeps its place while it is hidden: nothing moves. Ours exists only where there is none.
      const link = [...document.querySelectorAll<HTMLElement>('a[data-chathub-contact]')].find((found) => found !== own);
      if (link) link.style.visibility = state === 'ready' ? 'hidden' : '';
      own.hidden = silent || !broken || !!link || !/^(mailto:|tel:|https:)/i.test(contact || '');
      if (!own.hidden) own.href = contact!;
      own.textContent = texts.contact;
      own.style.cssText = own.hidden ? 'display:none' : PILL;
    },
  };
};
