'use strict';

const { fileURLToPath } = require('node:url');
const { build, read } = require('./lib/site.js');

/** An integration for Astro. It must throw to fail the build: an error that is only logged leaves it green. */
module.exports = (given) => {
  const options = read('chathub/astro', given);
  let root;
  return {
    name: 'chathub',
    hooks: {
      'astro:config:done': ({ config }) => {
        root = fileURLToPath(config.root);
      },
      'astro:build:done': ({ dir }) => build(options, fileURLToPath(dir), root),
    },
  };
};
