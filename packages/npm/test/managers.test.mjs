// Every package manager, from an empty folder: what it installs runs, from its own way to run a command.
import assert from 'node:assert/strict';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chathub, close, lastLine, npm, project, REGISTRY, run, SITE, succeeds, TOP, VERSION } from './registry.mjs';

after(close);

const MANAGERS = join(TOP, 'target/generators/managers/node_modules');
const PROGRAMS = {
  npm10: 'npm10/bin/npm-cli.js',
  npm11: 'npm11/bin/npm-cli.js',
  pnpm: 'pnpm/bin/pnpm.cjs',
  yarn1: 'yarn/bin/yarn.js',
  yarn4: '@yarnpkg/cli-dist/bin/yarn.js',
};
const version = `chathub ${VERSION}`;

/** Runs one of them in a folder. */
const manager = (name, folder) => {
  const env = { npm_config_store_dir: join(folder, '.store'), YARN_CACHE_FOLDER: join(folder, '.cache'), YARN_IGNORE_PATH: '1' };
  return (...args) => succeeds(process.execPath, [join(MANAGERS, PROGRAMS[name]), ...args], { cwd: folder, env, nice: true });
};

/** The build of a site by its script, which runs the installed command, and a program that imports the package. */
const manifest = { type: 'module', scripts: { build: 'chathub inject --quiet dist && chathub verify --quiet dist' } };
const files = {
  ...SITE,
  'program.js': "import { run } from 'chathub';\nconst { code, stdout } = await run(['--version'], { stdio: 'pipe' });\nconsole.log(code, stdout.trim());\n",
};

for (const name of ['npm10', 'npm11']) {
  test(name, async () => {
    const folder = await project({ files, manifest });
    const use = manager(name, folder);
    await use('install', '--save-dev', 'chathub');
    assert.equal(lastLine(await use('exec', '--', 'chathub', '--version')), version);
    await use('run', 'build');
    assert.match(await readFile(join(folder, 'dist/index.html'), 'utf8'), /data-chathub/);
    // By the lock file, as in CI, and without scripts.
    await use('ci', '--ignore-scripts');
    assert.equal(lastLine(await succeeds(process.execPath, ['program.js'], { cwd: folder })), `0 ${version}`);
  });
}

test('pnpm', async () => {
  const folder = await project({ files, manifest });
  const use = manager('pnpm', folder);
  await use('add', '--save-dev', 'chathub');
  assert.equal(lastLine(await use('exec', 'chathub', '--version')), version);
  await use('run', 'build');
  await use('install', '--frozen-lockfile', '--ignore-scripts');
  assert.equal(lastLine(await succeeds(process.execPath, ['program.js'], { cwd: folder })), `0 ${version}`);
});

test('yarn 1', async () => {
  const folder = await project({ files, manifest });
  const use = manager('yarn1', folder);
  await use('add', '--dev', 'chathub');
  assert.equal(lastLine(await use('--silent', 'chathub', '--version')), version);
  await use('run', 'build');
  await use('install', '--frozen-lockfile', '--ignore-scripts');
  assert.equal(lastLine(await succeeds(process.execPath, ['program.js'], { cwd: folder })), `0 ${version}`);
});

test("Yarn 4 with Plug'n'Play", async () => {
  const settings = {
    npmRegistryServer: REGISTRY,
    unsafeHttpWhitelist: ['127.0.0.1'],
    enableTelemetry: false,
    enableGlobalCache: false,
    // Where it keeps what registries have told, by their host alone, so that the next run would be led to the port of this one.
    globalFolder: './.global',
    enableImmutableInstalls: false,
    npmMinimalAgeGate: 0,
    nodeLinker: 'pnp',
  };
  const folder = await project({ manifest, files: { ...files, '.yarnrc.yml': JSON.stringify(settings), 'yarn.lock': '' } });
  const use = manager('yarn4', folder);
  await use('add', '--dev', 'chathub');
  await access(join(folder, '.pnp.cjs'));
  await assert.rejects(access(join(folder, 'node_modules')), 'nothing is in node_modules');
  assert.equal(lastLine(await use('chathub', '--version')), version);
  await use('run', 'build');
  assert.match(await readFile(join(folder, 'dist/index.html'), 'utf8'), /data-chathub/);
  assert.equal(lastLine(await use('node', 'program.js')), `0 ${version}`);
  await use('install', '--immutable');
});

test('without a network', async () => {
  const first = await project({ files, manifest });
  await npm(first, ['install', '--save-dev', 'chathub']);
  // Nobody listens there.
  const dead = ['--registry', 'http://127.0.0.1:1/', '--fetch-retries', '0'];
  assert.equal(lastLine(await npm(first, ['exec', ...dead, '--', 'chathub', '--version'])), version);
  assert.equal((await chathub(first, ['inject', '--quiet', 'dist'])).code, 0);
  // Again from npm's cache alone.
  await npm(first, ['ci', '--offline']);
  assert.equal((await chathub(first, ['--version'])).said.trim(), version);
  // What npm could not get is an optional package like any other to it; the command tells.
  const second = await project({ files, manifest });
  const cache = join(second, 'cache');
  await mkdir(cache);
  const { code, said } = await run('npm', ['install', '--offline', '--cache', cache, 'chathub'], { cwd: second });
  assert.notEqual(code, 0);
  assert.match(said, /ENOTCACHED/);
});
