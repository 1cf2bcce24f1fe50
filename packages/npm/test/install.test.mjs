// The wrapper, installed by npm from a registry: what it runs, and what it says where there is nothing to run.
import assert from 'node:assert/strict';
import { chmod, cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chathub, close, ELSEWHERE, HERE, lastLine, npm, project, run, SITE, start, succeeds, VERSION, WORK } from './registry.mjs';

let installed;
before(async () => {
  installed = await project({ files: SITE });
  await npm(installed, ['install', '--save-dev', 'chathub']);
});
after(close);

/** A binary that says what it gets. */
const fake = async (folder, text) => {
  const path = join(folder, 'fake');
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
};

test('npm installs the binary for this platform alone, and npx runs it', async () => {
  assert.equal(lastLine(await npm(installed, ['exec', '--', 'chathub', '--version'])), `chathub ${VERSION}`);
  const { packages } = JSON.parse(await readFile(join(installed, 'node_modules/.package-lock.json'), 'utf8'));
  assert.deepEqual(Object.keys(packages).sort(), [`node_modules/@chathub/${HERE}`, 'node_modules/chathub']);
  const lock = JSON.parse(await readFile(join(installed, 'package-lock.json'), 'utf8'));
  assert.deepEqual(lock.packages[`node_modules/@chathub/${ELSEWHERE}`].os, ['darwin'], 'the lock file serves other platforms, too');
  assert.equal(packages['node_modules/chathub'].hasInstallScript, undefined);
});

test('npx runs it in an empty folder', async () => {
  const folder = await project();
  assert.equal(lastLine(await succeeds('npx', ['--yes', 'chathub', '--version'], { cwd: folder })), `chathub ${VERSION}`);
});

test('exit codes are those of the binary, and it has our streams', async () => {
  const wrong = await chathub(installed, ['verify', 'dist']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.said, /index\.html/);
  assert.equal((await chathub(installed, ['inject', '--no-such-flag'])).code, 2);
  assert.equal((await chathub(installed, ['inject', '--quiet', 'dist'])).code, 0);
  assert.equal((await chathub(installed, ['verify', '--quiet', 'dist'])).code, 0);
});

test('arguments reach the binary as they are', async () => {
  const folder = await project();
  const binary = await fake(folder, `printf '<%s>' "$@"; printf '%s' "\${CHATHUB_BINARY-unset}"`);
  const args = ['--version', '--', '-e', 'a b', '', '*', '--inspect', '--require=x', 'ё"\'\\'];
  const { code, said } = await chathub(installed, args, { env: { CHATHUB_BINARY: binary } });
  assert.equal(said, `${args.map((arg) => `<${arg}>`).join('')}unset`);
  assert.equal(code, 0);
});

test('signals reach the binary, and one that ends it ends the wrapper', async () => {
  const folder = await project();
  const wrapper = join(installed, 'node_modules/.bin/chathub');
  // It tells of each signal, and ends as asked by the last; `wait` returns when one comes.
  const told = await fake(folder, "trap 'echo got HUP' HUP; trap 'echo got INT' INT; trap 'echo got TERM; exit 7' TERM\necho ready; while :; do wait; read -r _ <&3 || :; done 3<>\"$0.pipe\"");
  await succeeds('mkfifo', [`${told}.pipe`]);
  const child = start(process.execPath, [wrapper], { cwd: folder, env: { CHATHUB_BINARY: told } });
  await child.until(/ready/);
  for (const signal of ['HUP', 'INT', 'TERM']) {
    child.child.kill(`SIG${signal}`);
    await child.until(new RegExp(`got ${signal}`));
  }
  assert.deepEqual(await child.closed, [7, null]);

  for (const signal of ['TERM', 'INT', 'KILL']) {
    const killed = await fake(await project(), `kill -${signal} $$`);
    const { code, signal: by } = await chathub(installed, [], { env: { CHATHUB_BINARY: killed } });
    assert.deepEqual([code, by], [null, `SIG${signal}`]);
  }
});

test('CHATHUB_BINARY names another binary, and says what is wrong with it', async () => {
  const folder = await project();
  const binary = await fake(folder, 'echo mine; exit 9');
  const mine = await chathub(installed, [], { env: { CHATHUB_BINARY: binary } });
  assert.deepEqual([mine.code, mine.said], [9, 'mine\n']);
  for (const [value, message] of [
    ['nowhere/chathub', /CHATHUB_BINARY is nowhere\/chathub, but there is no such file/],
    [folder, /which is not a file/],
  ]) {
    const { code, said } = await chathub(installed, ['--version'], { env: { CHATHUB_BINARY: value } });
    assert.equal(code, 1);
    assert.match(said, message);
  }
  await chmod(binary, 0o644);
  const { code, said } = await chathub(installed, [], { env: { CHATHUB_BINARY: binary } });
  assert.equal(code, 1);
  assert.match(said, /^chathub: cannot run .*fake: .*EACCES/);
  // One that names the wrapper is not followed in circles.
  const itself = await chathub(installed, ['--version'], { env: { CHATHUB_BINARY: join(installed, 'node_modules/.bin/chathub') } });
  assert.equal(itself.said, `chathub ${VERSION}\n`);
});

/** What the command says where it cannot run the binary. */
const refusal = async (folder, options) => {
  const { code, said } = await chathub(folder, ['--version'], options);
  assert.equal(code, 1, said);
  assert.doesNotMatch(said, /^\s+at /m, 'no stack');
  return said;
};

test('without optional dependencies it says how to get them', async () => {
  const folder = await project();
  await npm(folder, ['install', '--omit=optional', 'chathub']);
  const said = await refusal(folder);
  assert.match(said, new RegExp(`the package @chathub/${HERE}, which has the binary`));
  assert.match(said, /--omit=optional/);
  assert.match(said, new RegExp(`npm install @chathub/${HERE}@${VERSION.replaceAll('.', '\\.')}`));
  // What it says to do helps.
  await npm(folder, ['install', '--include=optional']);
  assert.equal((await chathub(folder, ['--version'])).code, 0);
});

test('an installation for another platform is told by its package', async () => {
  const folder = await project();
  const [os, cpu] = ELSEWHERE.split('-');
  await npm(folder, ['install', `--os=${os}`, `--cpu=${cpu}`, 'chathub']);
  const said = await refusal(folder);
  assert.match(said, new RegExp(`it has @chathub/${ELSEWHERE}, but this platform needs @chathub/${HERE}`));
  assert.match(said, /node_modules is copied/);
  await npm(folder, ['install']);
  assert.equal((await chathub(folder, ['--version'])).code, 0);
});

test('a lock file of another platform is told by what it lacks', async () => {
  const folder = await project();
  await npm(folder, ['install', 'chathub']);
  const path = join(folder, 'package-lock.json');
  const lock = JSON.parse(await readFile(path, 'utf8'));
  delete lock.packages[`node_modules/@chathub/${HERE}`];
  delete lock.packages[`node_modules/@chathub/${ELSEWHERE}`];
  await writeFile(path, JSON.stringify(lock));
  await rm(join(folder, 'node_modules/@chathub'), { recursive: true });
  const said = await refusal(folder);
  assert.match(said, new RegExp(`@chathub/${HERE} is not installed, since .*package-lock\\.json does not list it`));
  assert.match(said, /Delete node_modules and the lock file/);
});

test('a platform that has no package is told of those that have one', async () => {
  const folder = await project();
  await writeFile(join(folder, 'risc.cjs'), "Object.defineProperty(process, 'arch', { value: 'riscv64' });\n");
  const said = await refusal(installed, { env: { NODE_OPTIONS: `--require=${join(folder, 'risc.cjs')}` } });
  assert.match(said, new RegExp(`no binary for this platform \\(${process.platform}-riscv64\\), only for ${ELSEWHERE}, ${HERE}`));
  assert.match(said, /cargo/);
});

test('a platform package of another version is not run', async () => {
  const folder = await project();
  await cp(join(installed, 'node_modules'), join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  const path = join(folder, `node_modules/@chathub/${HERE}/package.json`);
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), version: '0.0.9' }));
  assert.match(await refusal(folder), new RegExp(`installed at version 0\\.0\\.9, but chathub ${VERSION} needs`));
});

test('programs use it by import and by require', async () => {
  const folder = await project();
  await symlink(join(installed, 'node_modules'), join(folder, 'node_modules'));
  const program = `
    const show = async ({ binaryPath, run }) => {
      const { code, signal, stdout, stderr } = await run(['--version'], { stdio: 'pipe' });
      const wrong = await run(['inject', '--no-such-flag'], { stdio: 'pipe' });
      console.log(JSON.stringify([binaryPath().split('/').slice(-4), code, signal, stdout, stderr, wrong.code, wrong.stderr.length > 0]));
    };
  `;
  await writeFile(join(folder, 'a.mjs'), `import { binaryPath, run } from 'chathub';\n${program}\nawait show({ binaryPath, run });`);
  await writeFile(join(folder, 'b.cjs'), `${program}\nshow(require('chathub'));`);
  for (const file of ['a.mjs', 'b.cjs']) {
    const said = await succeeds(process.execPath, [file], { cwd: folder });
    assert.deepEqual(JSON.parse(said), [['@chathub', HERE, 'bin', 'chathub'], 0, null, `chathub ${VERSION}\n`, '', 2, true]);
  }
  const failing = `import { run } from 'chathub';\nawait run([]).catch((error) => console.log(error.message));`;
  await writeFile(join(folder, 'c.mjs'), failing);
  assert.match(await succeeds(process.execPath, ['c.mjs'], { cwd: folder, env: { CHATHUB_BINARY: 'nowhere' } }), /no such file/);
});

test('its types are those that it has', async () => {
  const plugins = ['astro', 'docusaurus', 'eleventy', 'sveltekit', 'vitepress'];
  const imports = plugins.map((name) => `import ${name} from 'chathub/${name}';`).join('\n');
  const good = `${imports}
import { binaryPath, run, type Result } from 'chathub';
import { onPostBuild } from 'chathub/netlify';
const result: Result = await run(['verify', binaryPath()], { cwd: '.', stdio: 'pipe' });
export const code: number | null = result.code;
const options: astro.Options = { config: ['a.toml'], args: ['--prune'], verify: ['--min-pages', '3'], enabled: true };
export const used = [astro(options).name, docusaurus({}, options), vitepress(options)({ outDir: 'dist' }), onPostBuild];
export const adapter = sveltekit({ name: 'mine', adapt: (_: unknown) => {} }, options);
eleventy({}, options);
`;
  const bad = `import astro from 'chathub/astro';\nimport { run } from 'chathub';\nastro({ folder: 'dist' });\nrun('inject');\nastro({ verify: 3 });\n`;
  const compile = async (text, file) => {
    const folder = await project({ manifest: { type: 'module' }, files: { [file]: text } });
    await symlink(join(installed, 'node_modules'), join(folder, 'node_modules'));
    const tsc = join(WORK, 'tools/node_modules/typescript/bin/tsc');
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', file];
    return run(process.execPath, [tsc, ...flags], { cwd: folder });
  };
  const right = await compile(good, 'good.mts');
  assert.deepEqual([right.code, right.said], [0, '']);
  const wrong = await compile(bad, 'bad.mts');
  assert.deepEqual([...wrong.said.matchAll(/bad\.mts\((\d+),/g)].map(([, line]) => line), ['3', '4', '5']);
});
