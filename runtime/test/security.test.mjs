import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { assert, each, loader, serve, until, CONTACT, RUNTIME } from './harness.mjs';

const INTEGRITY = 'sha384-' + createHash('sha384').update(RUNTIME).digest('base64');
const JS = { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' };

const POLICIES = {
  "'self', no styles, Trusted Types": (vendor) =>
    `default-src 'none'; script-src 'self' ${vendor}; connect-src 'self'; img-src 'self'; style-src 'none'; require-trusted-types-for 'script'`,
  'a policy name that is allowed': (vendor) =>
    `default-src 'none'; script-src 'self' ${vendor}; connect-src 'self'; img-src 'self'; style-src 'none'; require-trusted-types-for 'script'; trusted-types chathub`,
  "hash and 'strict-dynamic'": () =>
    `default-src 'none'; script-src '${INTEGRITY}' 'strict-dynamic'; connect-src 'self'; img-src 'self'; style-src 'none'; require-trusted-types-for 'script'`,
};

for (const [what, policy] of Object.entries(POLICIES))
  each(`27 works under CSP: ${what}`, async ({ world, open, state, run, evals }) => {
    const vendor = await serve({ '/widget.js': [200, JS, world.site.routes['/widget.js'][2]] });
    const reports = [];
    world.site.routes['/csp'] = (request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk)).on('end', () => (reports.push(text), response.writeHead(204).end()));
    };
    try {
      await open(
        loader({
          'data-src': vendor.origin + '/widget.js',
          'data-orgs': 'sales support',
          'data-org': 'sales',
          integrity: INTEGRITY,
          crossorigin: 'anonymous',
          'data-contact': 'mailto:help@example.com',
        }),
        { headers: { 'content-security-policy': policy(vendor.origin + '/widget.js') + '; report-uri /csp' } },
      );
      await state('ready');
      assert.equal((await evals()).length, 1);
      // Our own elements are styled although no style sheet is allowed.
      await until(() => run(() => !!__box?.()));
      assert.equal(await run(() => getComputedStyle(document.querySelector('chathub-box')).position), 'fixed');
      await run(() => ChatHub.controller.refresh());
      assert.equal((await evals()).length, 2);
      // Reports come late, but in order: the first to arrive is of what is forbidden on purpose here.
      await run(() => void document.body.append(Object.assign(new Image(), { src: 'https://forbidden.example/' })));
      await until(() => reports.length, 'a report');
      assert.deepEqual(reports.map((report) => JSON.parse(report)['csp-report']['blocked-uri']), ['https://forbidden.example/']);
    } finally {
      await vendor.close();
    }
  });

each('28 a runtime whose integrity does not match: the contact link stays', async ({ world, open, run, contactVisible }) => {
  await open(loader({ integrity: 'sha384-' + 'A'.repeat(64) }) + CONTACT);
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  assert.equal(await run(() => typeof window.ChatHub), 'undefined');
  assert.equal(world.asked().length, 0);
});

each('28 a blocked widget script: the contact link stays', async ({ open, state, contactVisible }) => {
  await open(loader({ 'data-src': 'https://widget.smsbat.com/operator-chat-panel/widget-script.js', 'data-retries': 0 }) + CONTACT, {
    headers: { 'content-security-policy': "script-src 'self'" },
  });
  await state('failed');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
});

each('28 without a link on the page one is made, from safe URLs only', async ({ world, open, state, contactVisible, run }) => {
  world.replies.push([404, {}, '']);
  for (const [url, shown] of [
    ['mailto:help@example.com', true],
    ['https://example.com/contact', true],
    ['tel:+380441234567', true],
    ['javascript:alert(1)', false],
    [' javascript:alert(1)', false],
    ['java\tscript:alert(1)', false],
    ['data:text/html,x', false],
    ['http://example.com/', false],
  ]) {
    await open(loader({ 'data-contact': url }));
    await state('failed');
    await until(() => run(() => __box('[role=status]')?.textContent));
    assert.equal(await contactVisible(), shown ? url : undefined, url);
    assert.equal(await run(() => document.querySelectorAll('a[href^=javascript]').length), 0);
  }
});

each('28 the page\'s link is hidden while the chat is there, and moves nothing', async ({ world, open, state, run, contactVisible }) => {
  await open(CONTACT + '<p id="after">after</p>' + loader());
  const before = await run(() => document.getElementById('after').getBoundingClientRect().top);
  await state('ready');
  assert.equal(await contactVisible(), undefined);
  assert.equal(await run(() => document.getElementById('after').getBoundingClientRect().top), before);
  world.replies.push([401, {}, '']);
  await run(() => ChatHub.controller.refresh());
  await state('failed');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
});

each('29 an endpoint on another origin must be https', async ({ world, open, state, run }) => {
  const other = await serve({ '/token': [200, { 'access-control-allow-origin': '*' }, '"test-token-for-development"'] });
  try {
    await open(`<script>addEventListener('chathub:error', (e) => window.__error = e.detail.code, true)</script>` + loader({ 'data-endpoint': other.origin + '/token' }));
    await state('failed');
    assert.equal(await run(() => window.__error), 'config');
    assert.equal(other.log.length, 0);
    assert.equal(world.asked().length, 0);
  } finally {
    await other.close();
  }
});

each('29 over https it is asked', async ({ open, state, run }) => {
  // What arrives is a TLS handshake, and nobody answers it: enough to see that it was tried.
  const first = [];
  const server = createServer((socket) => socket.on('error', () => {}).on('data', (data) => (first.push(data[0]), socket.destroy())));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    await open(
      `<script>addEventListener('chathub:error', (e) => window.__error = e.detail.code, true)</script>` +
        loader({ 'data-endpoint': `https://127.0.0.1:${server.address().port}/token`, 'data-retries': 0 }),
    );
    await state('failed');
    await until(() => first.length);
    assert.equal(first[0], 0x16);
    assert.equal(await run(() => window.__error), 'network');
  } finally {
    server.close();
  }
});

each(
  '28 without JavaScript the contact link is there',
  async ({ world, page, open }) => {
    await page.setJavaScriptEnabled(false);
    await open(loader() + CONTACT);
    assert.ok(await (await page.$('a[data-chathub-contact]')).isVisible());
    assert.equal(world.asked().length, 0);
  },
  ['chromium'],
);
