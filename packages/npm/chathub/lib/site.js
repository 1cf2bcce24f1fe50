'use strict';

const { relative } = require('node:path');
const { run } = require('../index.js');

/** What an option must be, and whether it is. */
const isList = (value) => Array.isArray(value) && value.every((one) => typeof one === 'string');
const OPTIONS = {
  config: ['a path or a list of paths', (value) => typeof value === 'string' || isList(value)],
  args: ['a list of strings', isList],
  verify: ['true, false or a list of strings', (value) => typeof value === 'boolean' || isList(value)],
  enabled: ['true or false', (value) => typeof value === 'boolean'],
};

/** The options of a plugin, looked at before anything is built. */
const read = (plugin, given = {}) => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${plugin}: the options must be an object with any of ${Object.keys(OPTIONS).join(', ')}`);
  }
  const options = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const [expected, holds] = OPTIONS[name] ?? [];
    if (!holds) throw new TypeError(`${plugin}: there is no option \`${name}\`, only ${Object.keys(OPTIONS).join(', ')}`);
    if (!holds(value)) throw new TypeError(`${plugin}: the option \`${name}\` must be ${expected}`);
    options[name] = value;
  }
  const { config = [], args = [], verify = true, enabled = true } = options;
  return { plugin, config: [config].flat(), args, verify, enabled };
};

/** Why a run failed, or nothing if it did not. */
const failure = ({ code, signal }) => {
  if (signal !== null) return `was ended by ${signal}`;
  return code === 0 ? undefined : `ended with exit code ${code}; its messages above name each page and what to do`;
};

/**
 * Runs the binary on the folder that the generator has just written: inject, and then verify. Throws if either fails, so that the
 * build does.
 */
const build = async ({ plugin, config, args, verify, enabled }, site, root = process.cwd()) => {
  if (!enabled) return;
  const steps = [['inject', ...args]];
  if (verify) steps.push(['verify', ...(verify === true ? [] : verify)]);
  for (const [command, ...rest] of steps) {
    const files = config.flatMap((file) => ['--config', file]);
    const failed = failure(await run([command, ...files, ...rest, '--', site], { cwd: root }));
    if (failed) throw new Error(`${plugin}: \`chathub ${command}\` on ${relative(root, site) || '.'} ${failed}`);
  }
};

module.exports = { build, read };
