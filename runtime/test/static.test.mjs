// The whole way of static mode: login, company token, operators, operator token, validated, injected, verified, and the page in a
// browser.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPANY, LOGIN, PASSWORD, standInApi } from './api.mjs';
import { chathub as run, filesKeepSecrets } from './binary.mjs';
import { assert, each, serve, until } from './harness.mjs';

each('static mode: from the login to a live widget, with one token', async ({ page, problems, evals }) => {
  const folder = await mkdtemp(join(tmpdir(), 'chathub-static-'));
  const api = await standInApi();
  const site = await serve({
    '/widget.js': [200, { 'content-type': 'text/javascript' }, await readFile(new URL('widget.js', import.meta.url))],
    '/favicon.ico': [204, {}, ''],
  });
  // Not waited for by a call that blocks: the API that it talks to is in this process.
  const chathub = async (...args) => {
    const env = { XDG_CACHE_HOME: join(folder, 'cache'), CHATHUB_LOGIN: LOGIN, CHATHUB_PASSWORD: PASSWORD };
    const running = run([...args, '-vv'], { cwd: folder, env });
    const status = await running.ended;
    return { status, said: running.said };
  };
  try {
    await mkdir(join(folder, 'public'));
    await writeFile(join(folder, 'public/index.html'), '<!doctype html><html lang="en"><head><title>Shop</title></head><body><h1>Shop</h1></body></html>');
    await writeFile(
      join(folder, 'chathub.toml'),
      `site = "public"\nmode = "static"\ndefault-organization = "sales"\n[organizations.sales]\nid = 24\n[api]\nurl = "${api.origin}"\n` +
        `[widget]\nsrc = "${site.origin}/widget.js"\n`,
    );
    const injected = await chathub('inject');
    assert.equal(injected.status, 0, injected.said);
    const calls = api.log.map(({ path }) => path);
    for (const call of ['company/get-token', 'operator', 'operator/get-token', 'operator/validate-token']) {
      assert.ok(calls.includes(`/api/${call}`), `${call} of ${calls}`);
    }
    const html = await readFile(join(folder, 'public/index.html'), 'utf8');
    site.routes['/'] = [200, { 'content-type': 'text/html' }, html];
    await page.goto(site.origin + '/');
    await until(async () => (await evals()).length === 1, 'the widget starts');
    const [{ token }] = await evals();
    assert.equal(html.split(token).length, 2, 'the page carries the token once');
    assert.deepEqual(problems, []);

    await filesKeepSecrets(folder, /^public\/index\.html$|^cache\/chathub\/tokens\//);

    const again = await chathub('inject');
    assert.equal(again.status, 0, again.said);
    assert.equal(await readFile(join(folder, 'public/index.html'), 'utf8'), html, 'the cached token is still good');
    for (const { said } of [injected, again]) {
      for (const secret of [COMPANY, PASSWORD, token]) assert.ok(!said.includes(secret), 'no secret is said');
    }
  } finally {
    await Promise.all([api.close(), site.close()]);
    await rm(folder, { recursive: true, force: true });
  }
});
