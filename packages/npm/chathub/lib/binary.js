'use strict';

const { existsSync, readFileSync, statSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');
const own = require('../package.json');

/** Names the binary to run in place of that of the platform package. */
const OVERRIDE = 'CHATHUB_BINARY';
const SCOPE = '@chathub/';
const SOURCE = `Build chathub from its source with cargo, and set ${OVERRIDE} to the path of the binary.`;
const LOCKS = ['npm-shrinkwrap.json', 'package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock'];

const platformPackages = () => Object.keys(own.optionalDependencies);
const short = (name) => name.slice(SCOPE.length);

/** Where a platform package has its binary, or nothing. */
const inPackage = (name) => {
  const file = name.includes('win32') ? 'chathub.exe' : 'chathub';
  try {
    // Not by its package.json alone: a package that was half copied has one, too.
    return require.resolve(`${name}/bin/${file}`);
  } catch {
    return undefined;
  }
};

const version = (name) => {
  try {
    return require(`${name}/package.json`).version;
  } catch {
    return undefined;
  }
};

/** The lock file that the installation of this package is by, if it does not list the platform package. */
const lockWithout = (name) => {
  for (let folder = dirname(__dirname); folder !== dirname(folder); folder = dirname(folder)) {
    for (const lock of LOCKS) {
      const path = join(folder, lock);
      if (!existsSync(path)) continue;
      const text = readFileSync(path, 'utf8');
      // Every lock file also names the packages that this one would like to have, and those do not count.
      const listed = lock.endsWith('.json') ? `node_modules/${name}"` : `${name}@`;
      return text.includes(listed) ? undefined : path;
    }
  }
  return undefined;
};

const unsupported = (name) => `there is no binary for this platform (${short(name)}), only for ${platformPackages().map(short).join(', ')}.
${SOURCE}`;

const otherPlatform = (name, others) => `this installation is for another platform: it has ${others.join(' and ')}, but this platform needs ${name}.
This happens when node_modules is copied from another system, for instance from macOS or Windows into a Linux container.
Do not copy node_modules (list it in .dockerignore), and run the install command of your package manager on this system.
With Node.js for another processor (Rosetta), install and run with the same Node.js.
Yarn and pnpm install for several platforms by their setting "supportedArchitectures".`;

const otherLock = (name, lock) => `the package ${name} is not installed, since ${lock} does not list it.
This happens when the lock file was written on another system (https://github.com/npm/cli/issues/4828).
Delete node_modules and the lock file, install again, and commit the new lock file.`;

const omitted = (name) => `the package ${name}, which has the binary for this platform, is not installed.
This happens when optional dependencies are left out: by --omit=optional or --no-optional, or by "omit" or "optional" in .npmrc.
Install again without that (npm install --include=optional), or install the package by itself: npm install ${name}@${own.version}
Without access to a registry, set ${OVERRIDE} to the path of a binary.`;

const otherVersion = (name, found) => `the package ${name} is installed at version ${found}, but chathub ${own.version} needs version ${own.version}.
Delete node_modules and install again; look for ${name} in "overrides" or "resolutions" of package.json.`;

const fromEnvironment = (value) => {
  const path = resolve(value);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Error(`${OVERRIDE} is ${value}, but there is no such file. Correct it, or unset it.`);
  if (!stat.isFile()) throw new Error(`${OVERRIDE} is ${value}, which is not a file. Set it to the path of the binary itself.`);
  return path;
};

/** The absolute path of the binary for this platform. Throws an error that says what to do if there is none. */
const binaryPath = () => {
  const override = process.env[OVERRIDE];
  if (override) return fromEnvironment(override);
  const name = `${SCOPE}${process.platform}-${process.arch}`;
  if (!platformPackages().includes(name)) throw new Error(unsupported(name));
  const path = inPackage(name);
  if (path) {
    const found = version(name);
    if (found !== own.version) throw new Error(otherVersion(name, found));
    return path;
  }
  const others = platformPackages().filter((other) => version(other) !== undefined);
  if (others.length > 0) throw new Error(otherPlatform(name, others));
  const lock = lockWithout(name);
  throw new Error(lock ? otherLock(name, lock) : omitted(name));
};

/** The environment of the binary: without the override, which would lead a wrapper that it names back to itself. */
const environment = (given = process.env) => {
  const { [OVERRIDE]: _, ...rest } = given;
  return rest;
};

module.exports = { binaryPath, environment };
