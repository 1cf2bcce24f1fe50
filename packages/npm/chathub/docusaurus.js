'use strict';

const { resolve, sep } = require('node:path');
const { build, read } = require('./lib/site.js');

const NAME = 'chathub';
/** Plugins that write pages, or lists of them, after the build. */
const WRITERS = ['docusaurus-plugin-client-redirects', 'docusaurus-plugin-pwa'];

/** The locales that the command line names, since no hook tells them. */
const wanted = (args) => {
  const locales = [];
  let taking = false;
  for (const arg of args) {
    const given = /^(?:--locale=|-l=?)(.+)$/.exec(arg);
    if (given) locales.push(given[1]);
    else if (taking && !arg.startsWith('-')) locales.push(arg);
    taking = given !== null || arg === '--locale' || arg === '-l' || (taking && !arg.startsWith('-'));
  }
  return locales;
};

/** The locales that this build is for, in its order: the default one first. */
const inOrder = ({ locales, defaultLocale }, args) => {
  const named = [...new Set(wanted(args))];
  const built = named.length > 0 ? named : locales;
  return built.includes(defaultLocale) ? [defaultLocale, ...built.filter((one) => one !== defaultLocale)] : built;
};

/** The folder with all locales: that of the current one without what its base URL has beyond the default one's. */
const rootOf = (outDir, { currentLocale, defaultLocale, localeConfigs }) => {
  const own = localeConfigs?.[currentLocale]?.baseUrl;
  const main = localeConfigs?.[defaultLocale]?.baseUrl;
  const inside = own && main && own.startsWith(main) ? own.slice(main.length) : `${currentLocale}/`;
  const end = sep + inside.split('/').filter(Boolean).join(sep);
  const folder = resolve(outDir);
  return end !== sep && folder.endsWith(end) ? folder.slice(0, -end.length) || sep : folder;
};

/** Resolves when the hooks of all plugins after ours have: Docusaurus calls all of them at once, in the order of its list. */
const others = (plugins) => {
  const place = plugins.findIndex(({ name }) => name === NAME);
  const before = plugins.slice(0, place).find(({ name, postBuild }) => WRITERS.includes(name) && postBuild);
  if (before) throw new Error(`chathub/docusaurus: list it before ${before.name} in \`plugins\`, so that it can wait until that has written its files`);
  const ends = plugins.slice(place + 1).filter(({ postBuild }) => postBuild).map(
    (plugin) =>
      new Promise((end) => {
        const { postBuild } = plugin;
        plugin.postBuild = (...args) => {
          plugin.postBuild = postBuild;
          // A failure is for Docusaurus to tell, which waits for the same promise.
          const done = (async () => await postBuild.apply(plugin, args))();
          done.then(end, end);
          return done;
        };
      }),
  );
  return Promise.all(ends);
};

/** A plugin for Docusaurus. Its hook runs once per locale; only at the last one are all pages there. */
module.exports = (context, given) => {
  const { id: _, ...own } = given ?? {};
  const options = read('chathub/docusaurus', own);
  return {
    name: NAME,
    async postBuild({ outDir, plugins = [] }) {
      const { i18n, siteDir } = context;
      const locales = inOrder(i18n, process.argv.slice(2));
      const last = locales.at(-1);
      if (locales.includes(i18n.currentLocale) && i18n.currentLocale !== last) return;
      await others(plugins);
      // A build of one locale alone has it at the top.
      const root = locales.length > 1 && i18n.currentLocale !== i18n.defaultLocale ? rootOf(outDir, i18n) : outDir;
      await build(options, root, siteDir);
    },
  };
};

/** Docusaurus adds an `id` to the options of every plugin. */
module.exports.validateOptions = ({ options }) => {
  const { id: _, ...own } = options ?? {};
  read('chathub/docusaurus', own);
  return options;
};
