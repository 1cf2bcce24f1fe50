import type { chat } from './chat.ts';

const registry = (globalThis as any)[Symbol.for('chathub.runtime.v1')];

/** The first file's side, for the others. */
export const core: typeof chat = registry.chat_;

export const init = (options?: object): unknown => registry.init(options);

export const setOrg = (org: string): unknown => registry.controller.setOrg(org);
