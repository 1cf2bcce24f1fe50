// Writes the packages of npm and packs them: a package with the binary for each platform, and then the wrapper, which depends on
// those at exactly its own version. Prints the tarballs in the order in which they must be published. `cargo xtask npm` calls it.
//
//   node pack.mjs VERSION OUT TARGET=PATH…
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const top = join(here, '../..');

/** What npm calls a target of Rust. The binaries for Linux are static, so that one serves every C library. */
const PLATFORMS = [
  [/^x86_64-unknown-linux-/, { os: 'linux', cpu: 'x64' }],
  [/^aarch64-unknown-linux-/, { os: 'linux', cpu: 'arm64' }],
  [/^x86_64-apple-darwin$/, { os: 'darwin', cpu: 'x64' }],
  [/^aarch64-apple-darwin$/, { os: 'darwin', cpu: 'arm64' }],
  [/^x86_64-pc-windows-/, { os: 'win32', cpu: 'x64' }],
];

const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

/** Packs a folder, and returns the tarball. */
const pack = (folder, out) => {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const said = execFileSync(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', out], { cwd: folder, encoding: 'utf8' });
  const told = JSON.parse(said);
  const [{ filename }] = Array.isArray(told) ? told : Object.values(told);
  // Some versions of npm tell the name of a scoped package here.
  return join(out, filename.replace(/^@/, '').replace('/', '-'));
};

const [version, given, ...binaries] = process.argv.slice(2);
const out = resolve(given);
const wrapper = JSON.parse(readFileSync(join(here, 'chathub/package.json'), 'utf8'));
const { license, description, engines, publishConfig } = wrapper;
const wanted = new Map();
for (const binary of binaries) {
  const [, target, path] = /^([^=]+)=(.+)$/s.exec(binary);
  const platform = PLATFORMS.find(([pattern]) => pattern.test(target))?.[1];
  if (!platform) throw new Error(`there is no package for the target ${target}`);
  const name = `${platform.os}-${platform.cpu}`;
  if (wanted.has(name)) throw new Error(`${target}: there is another binary for ${name} already`);
  wanted.set(name, { ...platform, path });
}

const fresh = (name) => {
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) copyFileSync(join(top, licence), join(folder, licence));
  return folder;
};

const tarballs = [];
for (const [name, { os, cpu, path }] of wanted) {
  const folder = fresh(name);
  const file = os === 'win32' ? 'chathub.exe' : 'chathub';
  mkdirSync(join(folder, 'bin'));
  copyFileSync(path, join(folder, 'bin', file));
  chmodSync(join(folder, 'bin', file), 0o755);
  copyFileSync(join(top, 'THIRD-PARTY-NOTICES'), join(folder, 'THIRD-PARTY-NOTICES'));
  writeFileSync(join(folder, 'README.md'), `# @chathub/${name}\n\nThe binary of chathub for ${name}. Install the package \`chathub\`, which brings it.\n`);
  write(join(folder, 'package.json'), {
    name: `@chathub/${name}`,
    version,
    description: `${description}: the binary for ${name}`,
    license,
    engines,
    os: [os],
    cpu: [cpu],
    // It cannot be run from within the archives of Yarn.
    preferUnplugged: true,
    files: ['bin', 'LICENSE-*', 'THIRD-PARTY-NOTICES'],
    publishConfig,
  });
  tarballs.push(pack(folder, out));
}

const folder = fresh('chathub');
cpSync(join(here, 'chathub'), folder, { recursive: true });
// Only those that are published with it: some package managers fail at an optional dependency that is in no registry.
const names = Object.keys(wrapper.optionalDependencies).filter((name) => wanted.has(name.replace('@chathub/', '')));
const optionalDependencies = Object.fromEntries(names.map((name) => [name, version]));
write(join(folder, 'package.json'), { ...wrapper, version, optionalDependencies });
tarballs.push(pack(folder, out));
console.log(tarballs.join('\n'));
