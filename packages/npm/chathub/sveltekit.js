'use strict';

const { build, read } = require('./lib/site.js');

/**
 * An adapter for SvelteKit that does what the given one does, and then has the binary run on the folder with the prerendered
 * pages. Only the adapter knows that folder, and tells it SvelteKit's builder. A Vite plugin would come too early.
 */
module.exports = (adapter, given) => {
  const options = read('chathub/sveltekit', given);
  if (typeof adapter?.adapt !== 'function') {
    throw new TypeError('chathub/sveltekit: the first argument must be an adapter, as in `adapter: chathub(adapter())`');
  }
  const adapt = async (builder) => {
    const folders = new Set();
    const watched = new Proxy(builder, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (key !== 'writePrerendered') return value;
        return (folder, ...rest) => {
          folders.add(folder);
          return value.call(target, folder, ...rest);
        };
      },
    });
    await adapter.adapt(watched);
    if (folders.size === 0 && options.enabled) {
      throw new Error(`chathub/sveltekit: ${adapter.name} has written no prerendered pages; use @sveltejs/adapter-static`);
    }
    for (const folder of folders) await build(options, folder);
  };
  return Object.assign(Object.create(adapter), { adapt });
};
