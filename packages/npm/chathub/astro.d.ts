import type { Options } from './lib/site.js';

/** An integration for Astro. List it last, so that it sees the pages as all others leave them. */
declare function chathub(options?: chathub.Options): {
  name: string;
  hooks: {
    'astro:config:done': (event: { config: { root: URL } }) => void;
    'astro:build:done': (event: { dir: URL }) => Promise<void>;
  };
};
declare namespace chathub {
  export type { Options };
}
export = chathub;
