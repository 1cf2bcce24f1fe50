// The sites of real generators in fixtures/, injected by the real binary and served as static hosts do.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chathub } from './binary.mjs';
import { assert } from './harness.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const TYPES = {
  webmanifest: 'application/manifest+json', html: 'text/html', htm: 'text/html', xhtml: 'application/xhtml+xml', js: 'text/javascript', mjs: 'text/javascript', css: 'text/css',
  json: 'application/json', svg: 'image/svg+xml', png: 'image/png', woff2: 'font/woff2', xml: 'application/xml', txt: 'text/plain',
};

/** Every site in fixtures/: its folder's name, and what becomes of each page. */
export const fixtures = async () => {
  const names = (await readdir(join(ROOT, 'fixtures'), { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const lines = (await readFile(join(ROOT, 'fixtures', name, 'expected.tsv'), 'utf8')).trim().split('\n');
      const pages = lines.filter((line) => !line.startsWith('#')).map((line) => line.split('\t'));
      return { name, pages: pages.map(([path, action]) => ({ path, action })) };
    }),
  );
};

/** The file that a static host answers a path with. */
export const fileFor = (folder, path) =>
  [path.endsWith('/') ? path + 'index.html' : path, path + '/index.html', path + '.html']
    .map((name) => join(folder, name))
    .find((file) => extname(file) && existsSync(file));

/** Injects a fixture for the world's own endpoint and widget, with more configuration if need be, and serves it there. */
export const injected = async (name, { site }, t, more = '') => {
  const work = await mkdtemp(join(tmpdir(), 'chathub-site-'));
  t.after(() => rm(work, { recursive: true, force: true }));
  const folder = join(work, 'site');
  const [config, further] = [join('fixtures', name, 'chathub.toml'), join(work, 'more.toml')];
  await writeFile(further, more);
  const own = ['--output', folder, '--endpoint', '/token', '--widget-src', site.origin + '/widget.js', '--load', 'eager'];
  const run = chathub(['inject', '--quiet', '-c', config, '-c', further, ...own], { cwd: ROOT });
  assert.equal(await run.ended, 0, run.said);
  site.routes['*'] = async (request, response, url) => {
    const path = decodeURIComponent(url.pathname);
    assert.ok(!path.includes('..'));
    const file = fileFor(folder, path);
    const type = TYPES[extname(file ?? '.html').slice(1)] ?? 'application/octet-stream';
    const body = await readFile(file ?? join(folder, '404.html')).catch(() => 'not here');
    // Without a charset, so that pages in legacy encodings say it themselves.
    response.writeHead(file ? 200 : 404, { 'content-type': type }).end(body);
  };
};

/** Injects and verifies pages by name, with this configuration, and serves each as whatever type the address has after `?`. */
export const injectPages = async (pages, config, { site }, t, { args = [], env = {} } = {}) => {
  const work = await mkdtemp(join(tmpdir(), 'chathub-pages-'));
  t.after(() => rm(work, { recursive: true, force: true }));
  const folder = join(work, 'public');
  await writeFile(join(work, 'chathub.toml'), config);
  for (const [name, text] of Object.entries(pages)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const own = ['--endpoint', '/token', '--widget-src', site.origin + '/widget.js', '--load', 'eager', ...args];
  for (const command of ['inject', 'verify']) {
    const run = chathub([command, ...own], { cwd: work, env });
    assert.equal(await run.ended, 0, run.said);
  }
  site.routes['*'] = async (request, response, url) => {
    const body = await readFile(join(folder, url.pathname)).catch(() => undefined);
    const type = TYPES[extname(url.pathname).slice(1)];
    response.writeHead(body ? 200 : 404, { 'content-type': url.search.slice(1) || type }).end(body);
  };
};
