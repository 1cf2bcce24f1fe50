'use strict';

const { build, read } = require('./lib/site.js');

/** A `buildEnd` of VitePress, which runs once all pages are written, and only in builds. */
module.exports = (given) => {
  const options = read('chathub/vitepress', given);
  return (siteConfig) => build(options, siteConfig.outDir);
};
