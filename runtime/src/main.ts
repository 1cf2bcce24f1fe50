import { controller } from './chat.ts';
import { on } from './dom.ts';
import { shelf } from './more.ts';
import { init as start, mount as add } from './page.ts';
import type { ChatHub } from './types.ts';

// Under this name every copy of the runtime in a document finds the one that came first, and works through it.
const registry: ChatHub & { shelf: unknown } = ((globalThis as any)[Symbol.for('chathub.runtime.v1')] ||= {
  init: start,
  mount: add,
  controller,
  shelf,
  push: (call: (hub: ChatHub) => void) => call(registry),
});

export const { init, mount } = registry;

// On a server there is no document: then importing does nothing more.
if (globalThis.document) {
  const waiting: any = window.ChatHub;
  registry.ready ||= new Promise((done) => on('chathub:ready', () => done(controller)));
  window.ChatHub = registry;
  init();
  // Calls that could not wait for us, or an element whose id is our name.
  waiting?.forEach?.(registry.push);
}
