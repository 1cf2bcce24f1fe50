// The vendor's customer widget: what the real binary writes runs once in both browsers, with its attributes, beside pages that have
// the operator widget; and what becomes of the chat where a router leads from one to the other.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chathub } from './binary.mjs';
import { assert, each, until } from './harness.mjs';

const GUID = '8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21';
const ATTRIBUTES = { 'main-color': '#0b6e5f', 'operatoe-message-dark-color': 'a&"b' };
/** Stands in for the vendor's script: finds its tag by its id, as that one does, shows itself, and records what it saw. */
const SCRIPT = `const tag = document.getElementById('chat-widget-script');
(window.__customers ??= []).push(Object.fromEntries([...tag.attributes].map(({ name, value }) => [name, value])));
document.body.append(Object.assign(document.createElementNS('http://www.w3.org/1999/xhtml', 'div'), { className: 'customer' }));`;

const CONFIG = `site = "site"
default-organization = "support"
[organizations.support]
id = 6
[organizations.shop]
widget = "customer"
guid = "${GUID}"
[organizations.shop.attributes]
main-color = "#0b6e5f"
operatoe-message-dark-color = 'a&"b'
[[rules]]
match = "shop/**"
organization = "shop"
`;

const page = (body = '', head = '') =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>${head}</head><body><h1>Hello</h1>${body}</body></html>`;
const XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body><h1>Hello</h1></body></html>';
const TYPES = { html: 'text/html; charset=utf-8', xhtml: 'application/xhtml+xml', js: 'text/javascript', json: 'application/json' };

/** Writes a site, has it injected and verified, and serves it. */
const injected = async (pages, { site }, t, ...more) => {
  const work = await mkdtemp(join(tmpdir(), 'chathub-customer-'));
  t.after(() => rm(work, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(pages)) {
    await mkdir(dirname(join(work, 'site', path)), { recursive: true });
    await writeFile(join(work, 'site', path), text);
  }
  await writeFile(join(work, 'chathub.toml'), CONFIG);
  const options = ['--endpoint', '/token', '--widget-src', site.origin + '/widget.js', '--load', 'eager', ...more];
  for (const command of ['inject', 'verify']) {
    const run = chathub([command, '--quiet', ...options], { cwd: work, env: { CHATHUB_CUSTOMER_WIDGET_SRC: site.origin + '/customer.js' } });
    assert.equal(await run.ended, 0, run.said);
  }
  site.routes['/customer.js'] = [200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }, SCRIPT];
  site.routes['*'] = async (request, response, url) => {
    const path = url.pathname.endsWith('/') ? url.pathname + 'index.html' : url.pathname;
    const body = await readFile(join(work, 'site', path)).catch(() => null);
    response.writeHead(body ? 200 : 404, { 'content-type': TYPES[path.split('.').pop()] }).end(body ?? 'not here');
  };
};

/** What has been started in the page: the customer widget, and the operator widget. */
const started = () => ({
  customers: window.__customers?.length ?? 0,
  panels: document.querySelectorAll('.customer').length,
  operators: document.querySelectorAll('.widget').length,
  loaders: document.querySelectorAll('[data-chathub]').length,
});
const CUSTOMER = { customers: 1, panels: 1, operators: 0, loaders: 0 };
const OPERATOR = { customers: 0, panels: 0, operators: 1, loaders: 1 };

for (const position of ['body-end', 'head-end'])
  each(`the customer widget runs once, with its attributes, with its tag at ${position}`, async ({ t, world, page: tab, run, state, complaints }) => {
    await injected({ 'index.html': page(), 'shop/index.html': page(), 'shop/page.xhtml': XHTML }, world, t, '--position', position);
    for (const path of ['shop/', 'shop/page.xhtml']) {
      await tab.goto(`${world.site.origin}/${path}`);
      await until(() => run(() => window.__customers?.length > 0), `it starts on ${path}`);
      const [seen] = await run(() => window.__customers);
      assert.deepEqual({ guid: seen.guid, ...Object.fromEntries(Object.keys(ATTRIBUTES).map((name) => [name, seen[name]])) }, { guid: GUID, ...ATTRIBUTES });
      assert.deepEqual(await run(started), CUSTOMER, path);
    }
    assert.equal(world.asked().length, 0, 'nobody asks for a token');
    await tab.goto(world.site.origin + '/');
    await state('ready');
    assert.deepEqual(await run(started), OPERATOR);
    assert.deepEqual(complaints, []);
  });

each('a router that leads from a page with the operator widget to one with the customer widget ends the operator chat', async ({ t, world, page: tab, run, state }) => {
  // It renders what it was given in the page, and knows nothing of tags.
  const router = `<script>addEventListener('click', (event) => {
    const link = event.target.closest('a');
    if (!link) return;
    event.preventDefault();
    history.pushState({}, '', link.href);
    document.querySelector('h1').textContent = location.pathname;
    link.href = location.pathname === '/shop/' ? '/' : '/shop/';
  })</script>`;
  await injected({ 'index.html': page('<a href="/shop/">next</a>', router), 'shop/index.html': page('<a href="/">next</a>', router) }, world, t);
  await tab.goto(world.site.origin + '/');
  await state('ready');
  await run(() => document.querySelector('a').click());
  await state('destroyed');
  assert.deepEqual(await run(() => [location.pathname, document.querySelectorAll('.widget').length]), ['/shop/', 0]);
  // And back it is there again.
  await run(() => document.querySelector('a').click());
  await state('ready');
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 1);
});

each('Turbo brings the customer widget in with its page, and the operator chat ends', async ({ t, world, page: tab, run, state }) => {
  const turbo = await readFile(new URL('../node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js', import.meta.url));
  world.site.routes['/turbo.js'] = [200, { 'content-type': 'text/javascript' }, turbo];
  const head = '<script defer src="/turbo.js"></script>';
  await injected({ 'index.html': page('<a href="/shop/">next</a>', head), 'shop/index.html': page('', head) }, world, t);
  await tab.goto(world.site.origin + '/');
  await state('ready');
  await until(() => run(() => !!window.Turbo));
  await run(() => document.querySelector('a').click());
  await until(() => run(() => location.pathname === '/shop/' && window.__customers?.length === 1), 'the customer widget starts');
  await state('destroyed');
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 0);
});
