import type { Options } from './lib/site.js';

/** A hook for `buildEnd` in the configuration of VitePress. */
declare function chathub(options?: chathub.Options): (siteConfig: { outDir: string }) => Promise<void>;
declare namespace chathub {
  export type { Options };
}
export = chathub;
