'use strict';

const { resolve } = require('node:path');
const { build, read } = require('./lib/site.js');

/** A plugin for Eleventy 3. */
module.exports = (eleventyConfig, given) => {
  const options = read('chathub/eleventy', given);
  if (typeof eleventyConfig.setEventEmitterMode !== 'function') {
    throw new Error('chathub/eleventy needs Eleventy 3. With older versions, run `chathub inject` and `chathub verify` after the build.');
  }
  const after = ({ directories }) => build(options, resolve(directories.output));
  eleventyConfig.on('eleventy.before', ({ runMode, outputMode }) => {
    // Eleventy does not tell its plugins of a dry run.
    if (runMode !== 'build' || outputMode !== 'fs' || process.argv.includes('--dryrun')) return;
    // Others write pages after the build, too, such as minifiers. By default all do so at once; we must come when they are done.
    // By now all of them are there, so the last place is ours.
    eleventyConfig.setEventEmitterMode('sequential');
    eleventyConfig.events.removeListener('eleventy.after', after);
    eleventyConfig.on('eleventy.after', after);
  });
};
