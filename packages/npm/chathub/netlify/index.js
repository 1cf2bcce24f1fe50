'use strict';

const { resolve } = require('node:path');
const { build, read } = require('../lib/site.js');

/** A build plugin for Netlify. */
exports.onPostBuild = async ({ inputs, constants, utils }) => {
  try {
    await build(read('chathub/netlify', inputs), resolve(constants.PUBLISH_DIR));
  } catch (error) {
    utils.build.failBuild(error.message, { error });
  }
};
