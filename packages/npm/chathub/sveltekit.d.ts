import type { Options } from './lib/site.js';

/** Wraps an adapter of SvelteKit that writes prerendered pages: `adapter: chathub(adapter(), options)`. */
declare function chathub<Adapter extends { name: string; adapt: (builder: any) => unknown }>(
  adapter: Adapter,
  options?: chathub.Options,
): Adapter;
declare namespace chathub {
  export type { Options };
}
export = chathub;
