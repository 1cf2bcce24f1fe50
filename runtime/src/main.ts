import { controller } from './chat.ts';
import { init as start, mount as add } from './page.ts';
import type { ChatHub } from './types.ts';

// Under this name every copy of the runtime in a document finds the one that came first, and works through it.
const registry: ChatHub = ((globalThis as any)[Symbol.for('chathub.runtime.v1')] ||= { init: start, mount: add, controller });

export const { init, mount } = registry;

// On a server there is no document: then importing does nothing more.
if (globalThis.document) {
  (window as any).ChatHub ||= registry;
  init();
}
