// The whole way in production: `chathub inject`, `chathub endpoint` at a stand-in API, nginx in front of both as
// examples/nginx.conf has it with a login service, and the page in a browser while its token expires.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile, chmod } from 'node:fs/promises';
import { createServer as createService } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPANY, standInApi } from './api.mjs';
import { chathub, filesKeepSecrets } from './binary.mjs';
import { assert, each, serve, until } from './harness.mjs';

const root = new URL('../../', import.meta.url).pathname;

/** Starts nginx with this configuration of its server on a port that is free. Another program may take the port first: then on another. */
const nginx = async (folder, server) => {
  for (;;) {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address();
    await new Promise((done) => free.close(done));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path nginx/${kind};`).join('\n');
    await mkdir(join(folder, 'nginx'), { recursive: true });
    await writeFile(
      join(folder, 'nginx/nginx.conf'),
      `daemon off;\npid nginx/pid;\nerror_log nginx/error.log;\nevents {}\nhttp {\ninclude /etc/nginx/mime.types;\naccess_log off;\n${temporary}\n` +
        `${server.replace('listen 80;', `listen 127.0.0.1:${port};`)}}\n`,
    );
    const path = `${process.env.PATH}:/usr/sbin`;
    const child = spawn('nginx', ['-p', '.', '-e', 'nginx/error.log', '-c', 'nginx/nginx.conf'], { cwd: folder, env: { ...process.env, PATH: path } });
    const site = `http://127.0.0.1:${port}/`;
    const ours = async () => (await (await fetch(site)).text()).includes('data-chathub');
    await until(async () => child.exitCode !== null || (await ours().catch(() => false)), 'nginx listens');
    if (child.exitCode === null) return { child, site };
    const why = await readFile(join(folder, 'nginx/error.log'), 'utf8');
    assert.match(why, /Address already in use/);
  }
};

each('endpoint: behind nginx, a page outlives its token and the widget gets the next one', async ({ page, problems, state, evals }) => {
  const folder = await mkdtemp(join(tmpdir(), 'chathub-endpoint-'));
  const api = await standInApi();
  const vendor = await serve({ '/widget.js': [200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }, await readFile(root + 'runtime/test/widget.js')] });
  // Every visitor has a session.
  const login = createService((_, reply) => reply.writeHead(204, { 'X-Auth-Request-User': 'olena' }).end()).listen(0, '127.0.0.1');
  await once(login, 'listening');
  const children = [];
  let endpoint;
  try {
    await chmod(folder, 0o755);
    await cp(root + 'fixtures/demo/public', join(folder, 'public'), { recursive: true });
    await writeFile(
      join(folder, 'chathub.toml'),
      `site = "public"\ndefault-organization = "sales"\n[organizations.sales]\nid = 24\n[api]\nurl = "${api.origin}"\n` +
        `[widget]\nsrc = "${vendor.origin}/widget.js"\n[placeholder]\nload = "eager"\n` +
        `[endpoint]\nlisten = "127.0.0.1:0"\nclient-header = "X-Forwarded-For"\nauth-header = "Remote-User"\ntoken-lifetime = "16s"\n`,
    );
    const env = { CHATHUB_COMPANY_TOKEN: COMPANY };
    const injected = chathub(['inject', '--quiet'], { cwd: folder, env });
    assert.equal(await injected.ended, 0, injected.said);

    endpoint = chathub(['endpoint', '-v'], { cwd: folder, env });
    children.push(endpoint.child);
    const [, address] = await until(() => endpoint.said.match(/http:\/\/([\d.:]+)/));
    await until(() => endpoint.said.includes('token minted'));

    const example = await readFile(root + 'examples/nginx.conf', 'utf8');
    const server = example
      .replaceAll('127.0.0.1:8787', address)
      .replaceAll('127.0.0.1:4180', `127.0.0.1:${login.address().port}`)
      .replace('/srv/www', join(folder, 'public'));
    const { child, site } = await nginx(folder, server);
    children.push(child);

    await page.goto(site + 'shop/');
    await state('ready');
    const [{ token: first }] = await evals();
    const expires = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp * 1000;
    const tokens = await until(async () => {
      const tokens = (await evals()).map(({ token }) => token);
      return Date.now() > expires(first) && expires(tokens.at(-1)) > Date.now() && tokens;
    }, 'the first token has expired, and the widget runs with one that is valid');
    assert.equal(new Set(tokens).size, tokens.length, 'each start has a token of its own');
    await until(() => page.evaluate(() => window.ChatHub.controller.state === 'ready' && document.querySelectorAll('.widget').length === 1));
    assert.deepEqual(problems, []);
    for (const secret of [COMPANY, ...tokens]) assert.ok(!endpoint.said.includes(secret), 'no secret in the log');
    await filesKeepSecrets(folder);
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    await endpoint?.ended;
    login.close();
    await Promise.all([api.close(), vendor.close()]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
