// The whole way in production: `chathub inject`, `chathub endpoint` at a stand-in API, nginx in front of both as
// examples/nginx.conf has it, and the page in a browser while its token expires.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile, chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPANY, standInApi } from './api.mjs';
import { chathub, filesKeepSecrets } from './binary.mjs';
import { assert, each, until } from './harness.mjs';

const root = new URL('../../', import.meta.url).pathname;

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
};

each('endpoint: behind nginx, a page outlives its token and the widget gets the next one', async ({ page, problems, state, evals }) => {
  const folder = await mkdtemp(join(tmpdir(), 'chathub-endpoint-'));
  const api = await standInApi();
  const port = await freePort();
  const children = [];
  let endpoint;
  try {
    await chmod(folder, 0o755);
    await cp(root + 'fixtures/demo/public', join(folder, 'public'), { recursive: true });
    await cp(root + 'runtime/test/widget.js', join(folder, 'public/widget.js'));
    await writeFile(
      join(folder, 'chathub.toml'),
      `site = "public"\ndefault-organization = "sales"\n[organizations.sales]\nid = 24\n[api]\nurl = "${api.origin}"\n` +
        `[widget]\nsrc = "http://127.0.0.1:${port}/widget.js"\n[placeholder]\nload = "eager"\n` +
        `[endpoint]\nlisten = "127.0.0.1:0"\norigins = ["http://127.0.0.1:${port}"]\nclient-header = "X-Forwarded-For"\ntoken-lifetime = "16s"\n`,
    );
    const env = { ...process.env, CHATHUB_COMPANY_TOKEN: COMPANY };
    const injected = chathub(['inject', '--quiet'], { cwd: folder, env });
    assert.equal(await injected.ended, 0, injected.said);

    endpoint = chathub(['endpoint', '-v'], { cwd: folder, env });
    children.push(endpoint.child);
    const [, address] = await until(() => endpoint.said.match(/http:\/\/([\d.:]+)/));

    const example = await readFile(root + 'examples/nginx.conf', 'utf8');
    const server = example
      .replace('127.0.0.1:8787', address)
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
      .replace('/srv/www', join(folder, 'public'));
    await mkdir(join(folder, 'nginx'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path nginx/${kind};`).join('\n');
    await writeFile(
      join(folder, 'nginx/nginx.conf'),
      `daemon off;\npid nginx/pid;\nerror_log nginx/error.log;\nevents {}\nhttp {\ninclude /etc/nginx/mime.types;\naccess_log off;\n${temporary}\n${server}}\n`,
    );
    const path = `${process.env.PATH}:/usr/sbin`;
    children.push(spawn('nginx', ['-p', '.', '-e', 'nginx/error.log', '-c', 'nginx/nginx.conf'], { cwd: folder, env: { ...process.env, PATH: path } }));
    const site = `http://127.0.0.1:${port}/`;
    await until(() => fetch(site).catch(() => null), 'nginx listens');

    await page.goto(site + 'shop/');
    await state('ready');
    const [{ token: first }] = await evals();
    const expires = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp * 1000;
    await until(async () => (await evals()).length > 1 && Date.now() > expires(first), 'the token is renewed and the first one expires', 30_000);
    const tokens = (await evals()).map(({ token }) => token);
    assert.equal(new Set(tokens).size, tokens.length, 'each start has a token of its own');
    assert.ok(expires(tokens.at(-1)) > Date.now(), 'the widget runs with a token that is valid');
    assert.equal(await page.evaluate(() => document.querySelectorAll('.widget').length), 1);
    assert.equal(await page.evaluate(() => window.ChatHub.controller.state), 'ready');
    assert.deepEqual(problems, []);
    for (const secret of [COMPANY, ...tokens]) assert.ok(!endpoint.said.includes(secret), 'no secret in the log');
    await filesKeepSecrets(folder);
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    await endpoint?.ended;
    await api.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
