import { init as start, mount as add } from './page.ts';
import { chat, controller, whenReady } from './chat.ts';
import type { ChatHub } from './types.ts';

// Under this name every copy of the runtime in a document finds the one that came first, and works through it; so does the
// second file.
const registry: ChatHub & { chat_: typeof chat } = ((globalThis as any)[Symbol.for('chathub.runtime.v1')] ||= {
  init: start,
  mount: add,
  controller,
  ready: whenReady,
  chat_: chat,
  push: (call: (hub: ChatHub) => void) => call(registry),
});

export const { init, mount } = registry;

// On a server there is no document: then importing does nothing more.
if (globalThis.document) {
  const waiting: any = window.ChatHub;
  window.ChatHub = registry;
  init();
  // Calls that could not wait for us, or an element whose id is our name.
  waiting?.forEach?.(registry.push);
}
