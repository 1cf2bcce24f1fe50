import type { Options } from './lib/site.js';

/** A plugin for Eleventy 3: `eleventyConfig.addPlugin(chathub, options)`. */
declare function chathub(eleventyConfig: any, options?: chathub.Options): void;
declare namespace chathub {
  export type { Options };
}
export = chathub;
