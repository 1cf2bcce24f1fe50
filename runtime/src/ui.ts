import { make } from './dom.ts';
import { textFor } from './texts.ts';
import type { Options, State } from './types.ts';

/**
 * Everything that we show, in one element at the end of the body: chooser, status line, contact link. Black on white,
 * and no motion, so that there is none to reduce. Without content it has no height, and cannot be seen.
 */
export let host: HTMLElement | undefined;
let status: HTMLElement;
let buttons: HTMLButtonElement[];
let listed: string;

/** Shows what there is to show. */
export const render = (
  state: State,
  { contact = '', ui, texts = {}, orgs }: Options,
  org: string | undefined,
  choose: (key: string) => void,
): void => {
  const text = textFor(document.documentElement.lang);
  const broken = state === 'failed' || state === 'offline';
  if (!host) {
    host = make('div', {
      role: 'group',
      ariaLabel: 'Chat',
      style: 'position:fixed;bottom:8px;inset-inline-start:8px;z-index:9;padding:0 8px;background:#fff;color:#000',
    });
    status = make('span', { role: 'status' });
  }
  host.hidden = ui === 'none';

  // Rebuilt only when the list changes, so that the keyboard's focus stays where it is.
  if (listed !== (listed = orgs + '')) {
    buttons = (orgs || []).map((value) =>
      make('button', { value, textContent: texts.orgs?.[value] || value, onclick: () => choose(value) }),
    );
    host.replaceChildren(...buttons, status);
  }
  buttons.forEach((button) => {
    const chosen: any = button.value === org;
    button.ariaPressed = chosen;
    button.style.fontWeight = (chosen ? 700 : 400) as any;
  });

  // This takes out the link that we made the last time.
  status.textContent = state === 'loading' ? texts.loading || text.split(' ')[0] + '…' : broken ? texts.failed || text : '';
  // The page's own link keeps its place while it is hidden: nothing moves.
  const link = document.querySelector<HTMLElement>('a[data-chathub-contact]');
  if (link) link.style.visibility = state === 'ready' ? 'hidden' : '';
  else if (broken && /^(mailto|tel|https):/i.test(contact))
    status.append(' ', make('a', { style: 'color:#000', href: contact, textContent: texts.contact || contact.replace(/^\w+:\/*/, '') }));
};
