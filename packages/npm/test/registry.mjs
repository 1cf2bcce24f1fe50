// A registry on loopback with the packages as `cargo xtask npm` packs them, and projects that install from it. All else it
// gets from the registry that npm is configured with.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { serve } from './verdaccio.mjs';

/** Where the script has installed what the tests need, and where it has packed the packages. */
export const WORK = process.env.CHATHUB_TEST_NPM;
export const TOP = new URL('../../..', import.meta.url).pathname;
export const VERSION = process.env.CHATHUB_TEST_VERSION;

/** The platform of this machine, and another one that has a package, too. */
export const HERE = `${process.platform}-${process.arch}`;
export const ELSEWHERE = 'darwin-arm64';

const scratch = await mkdtemp(join(tmpdir(), 'chathub-npm-'));
const cleanups = [() => rm(scratch, { recursive: true, force: true, maxRetries: 5 })];
/** Ends everything; each file of tests calls it at its end. */
export const close = async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
};

/** Nothing of npm's or chathub's from whoever runs the tests, but where registries and certificates are. */
const own = (env) => {
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CHATHUB|npm_(?!config)|NODE_TEST|NODE_OPTIONS|INIT_CWD)/i.test(name)));
  const local = '127.0.0.1,localhost';
  return {
    ...rest,
    NO_PROXY: local,
    no_proxy: local,
    CI: '1',
    npm_config_cache: join(scratch, 'cache'),
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    ASTRO_TELEMETRY_DISABLED: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    DOCUSAURUS_NO_UPDATE_CHECK: '1',
    ...env,
  };
};

/** Runs a program to its end, and gives its exit code, its signal and what it has printed on both streams. */
export const run = (program, args, { cwd = scratch, env, nice = false } = {}) =>
  new Promise((resolve, reject) => {
    const [command, ...words] = nice ? ['nice', '-n', '5', program, ...args] : [program, ...args];
    const child = spawn(command, words, { cwd, env: own(env), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, said }));
  });

/** The same, for what must succeed. */
export const succeeds = async (program, args, options) => {
  const { code, signal, said } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${code ?? signal}\n${said}`);
  return said;
};

/** Starts a program that goes on, such as a dev server: `until` waits for what it prints. */
export const start = (program, args, { cwd, env }) => {
  const child = spawn(program, args, { cwd, env: own(env), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  const waiting = new Set();
  const look = () => waiting.forEach((one) => one());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
      look();
    });
  }
  const closed = once(child, 'close').finally(look);
  const until = (pattern) =>
    new Promise((resolve, reject) => {
      const one = () => {
        const found = pattern.exec(said);
        if (!found && child.exitCode === null) return;
        waiting.delete(one);
        if (found) resolve(found);
        else reject(new Error(`${program} has ended without ${pattern}:\n${said}`));
      };
      waiting.add(one);
      one();
    });
  const end = async () => {
    // With all that it has started.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGTERM');
    await closed;
    return said;
  };
  return { child, until, end, closed };
};

const registry = await serve(WORK, scratch);
cleanups.push(registry.close);
const { host } = registry;
export const REGISTRY = `http://${host}/`;
/** What every project here has: the registry, and the word without which npm publishes nothing. */
const NPMRC = `registry=${REGISTRY}\n//${host}/:_authToken=anybody\n`;

let projects = 0;
/** A new folder with these files; `package.json` has the given content. */
export const project = async ({ files = {}, manifest = {} } = {}) => {
  projects += 1;
  const folder = join(scratch, `project-${projects}`);
  await mkdir(folder);
  const all = {
    '.npmrc': NPMRC,
    'package.json': JSON.stringify({ name: 'site', version: '1.0.0', private: true, ...manifest }),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
};

const publisher = await project();
const tarballs = (await readFile(join(WORK, 'tarballs'), 'utf8')).trim().split('\n');
for (const tarball of tarballs) await succeeds('npm', ['publish', tarball], { cwd: publisher });

/** The last line, since npm warns of settings that it does not know. */
export const lastLine = (said) => said.trimEnd().split('\n').at(-1);

/** npm, as one types it. */
export const npm = (folder, args, options) => succeeds('npm', args, { ...options, cwd: folder, nice: true });
/** The installed command, with the exit code that it ends with. */
export const chathub = (folder, args, options) => run(join(folder, 'node_modules/.bin/chathub'), args, { ...options, cwd: folder });

/** An environment in which other programs are found first. */
export const withPath = (folder) => ({ PATH: folder + delimiter + process.env.PATH });
export const append = appendFile;

/** A site and a configuration that every command is happy with. */
export const SITE = {
  'chathub.toml': 'default-organization = "support"\n[organizations.support]\nid = 6\n',
  'dist/index.html': '<!doctype html><html lang="en"><head><title>Home</title></head><body><p>Home</p></body></html>\n',
};
