import type { Options } from './lib/site.js';

/** A plugin for Docusaurus: `plugins: [["chathub/docusaurus", options]]`, before those that write files after the build. */
declare function chathub(
  context: any,
  options?: chathub.Options,
): { name: string; postBuild(props: { outDir: string }): Promise<void> };
declare namespace chathub {
  export type { Options };
  function validateOptions(given: { options: Options }): Options;
}
export = chathub;
