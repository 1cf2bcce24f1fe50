import { controller } from './chat.ts';
import { findTag, init as start, mount as add } from './page.ts';
import type { ChatHub } from './types.ts';

/** Under this name every copy of the runtime in a document finds the one that came first, and works through it. */
const KEY = Symbol.for('chathub.runtime.v1');

const registry = ((globalThis as any)[KEY] ||= { init: start, mount: add, controller }) as ChatHub;

export const { init, mount } = registry;

// On a server there is no document: then importing does nothing more.
if (typeof document !== 'undefined') {
  (window as any).ChatHub ||= registry;
  const tag = findTag();
  if (tag) init(tag as any);
}
