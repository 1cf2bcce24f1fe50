// What must never happen to a page, its visitors or its owner because of the chat.
import { readFile } from 'node:fs/promises';
import { assert, counts, each, jwt, loader, until, CONTACT, MORE_PATH, ONE } from './harness.mjs';

const JS = { 'content-type': 'text/javascript' };
const HOSTILE = '<style>html, body, body > div, div { display: flex; width: 100%; height: 100%; } * { position: static !important; color: red !important }</style>';
const turbo = async (world) => {
  world.site.routes['/turbo.js'] = [200, JS, await readFile(new URL('../node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js', import.meta.url))];
  return '<script src="/turbo.js"></script>';
};
const settle = (run) => run(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100)));

each("32 the page's style sheets have no hold on our box, which is there only when there is something to show", async ({ world, open, run, state }) => {
  await open(loader() + '<h1>page</h1>', { head: HOSTILE });
  await state('ready');
  assert.equal(await run(() => document.querySelector('chathub-box')), null);
  world.replies.push([404, {}, '']);
  await open(loader() + '<h1>page</h1>', { head: HOSTILE });
  await until(() => run(() => !!__box?.('[role=status]')?.textContent));
  const { box, color, position } = await run(() => {
    const { width, height } = __box().getBoundingClientRect();
    return { box: width < innerWidth / 2 && height < innerHeight / 2, color: getComputedStyle(__box()).color, position: getComputedStyle(document.querySelector('chathub-box')).position };
  });
  assert.deepEqual([box, color, position], [true, 'rgb(0, 0, 0)', 'fixed']);
  assert.equal(await run(() => document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('chathub-box')), null);
  await run(() => __box('button').click());
  assert.equal(await run(() => document.querySelector('chathub-box')), null, 'it can be closed');
});

each(
  '32 nothing of ours is printed',
  async ({ world, page, open, run }) => {
    world.replies.push([404, {}, '']);
    await open(loader());
    await until(() => run(() => !!__box?.('[role=status]')?.textContent));
    await page.emulateMediaType('print');
    assert.equal(await run(() => getComputedStyle(document.querySelector('chathub-box')).display), 'none');
  },
  ['chromium'],
);

each('33 what the page adds beside the widget stays when the token is replaced', async ({ open, run, state }) => {
  // In the very task in which the widget adds its panel, and around it.
  await open(
    `<script>new MutationObserver((records, observer) => { if (!document.querySelector('.widget')) return; observer.disconnect();
      for (let n = 0; n < 3; n++) document.body.append(Object.assign(document.createElement('p'), { className: 'row' })); }).observe(document, { childList: true, subtree: true });
      for (const wait of [0, 1, 5, 20]) addEventListener('chathub:ready', () => setTimeout(() => document.body.append(Object.assign(document.createElement('p'), { className: 'row' })), wait));</script>` + loader(),
  );
  await state('ready');
  await until(() => run(() => document.querySelectorAll('.row').length === 7));
  await run(() => ChatHub.controller.refresh());
  assert.deepEqual(await run(counts), { ...ONE, evaluations: 2 });
  await run(() => ChatHub.controller.destroy());
  assert.equal(await run(() => document.querySelectorAll('.row').length), 7);
  assert.equal(await run(() => document.querySelector('.widget')), null);
});

each('33 a page that Turbo merges keeps its rows and the widget, and loses nothing when the chat ends', async ({ world, page, run, state }) => {
  const head = (await turbo(world)) + '<meta name="turbo-refresh-method" content="morph">';
  const rows = (n) => Array.from({ length: n }, (_, i) => `<div class="row">row ${i}</div>`).join('');
  const url = world.page(loader() + rows(3), { head });
  await page.goto(url);
  await state('ready');
  world.page(loader() + rows(6), { head });
  await run(() => Turbo.visit(location.href, { action: 'replace' }));
  await until(() => run(() => document.querySelectorAll('.row').length === 6));
  await settle(run);
  assert.deepEqual(await run(counts), ONE);
  assert.deepEqual(await run(() => [...document.querySelectorAll('.row')].map((row) => row.textContent)), ['row 0', 'row 1', 'row 2', 'row 3', 'row 4', 'row 5']);
  await run(() => ChatHub.controller.destroy());
  assert.equal(await run(() => document.querySelectorAll('.row').length), 6);
  assert.equal(await run(() => document.querySelector('.widget')), null);
});

each('33 a node that has become the page\'s own is left', async ({ open, run, state }) => {
  await open(loader());
  await state('ready');
  // As libraries do that make one element into another.
  await run(() => {
    const node = document.querySelector('.widget');
    for (const { name } of [...node.attributes]) node.removeAttribute(name);
    node.id = 'row';
  });
  await run(() => ChatHub.controller.destroy());
  assert.ok(await run(() => !!document.getElementById('row')));
});

each('33 a widget that mounts late, under any name, goes with the chat', async ({ world, open, run, state }) => {
  world.site.routes['/widget.js'] = [200, JS, `(window.__evals ??= []).push({}); window.__mount = () => document.body.appendChild(Object.assign(document.createElement('div'), { id: 'root' }));`];
  await open(loader());
  await state('ready');
  await run(() => void __mount());
  assert.ok(await run(() => !!document.getElementById('root')));
  await run(() => ChatHub.controller.revoke());
  assert.equal(await run(() => document.getElementById('root')), null);
  await run(() => void __mount());
  assert.equal(await run(() => document.getElementById('root')), null, 'nor does it come back afterwards');
});

each('33 a widget that inserts before nothing, or text, is followed all the same', async ({ world, open, run, state }) => {
  world.site.routes['/widget.js'] = [200, JS, `(window.__evals ??= []).push({});
    document.body.insertBefore(Object.assign(document.createElement('div'), { className: 'widget' }), null);
    document.body.append('hello', Object.assign(document.createElement('p'), { className: 'second' }));`];
  await open(loader());
  await state('ready');
  assert.deepEqual(await run(counts), ONE);
  await run(() => ChatHub.controller.destroy());
  assert.equal(await run(() => document.querySelector('.widget, .second')), null);
});

each('18 an organization that is changed on the same tag is seen', async ({ world, open, run, state, evals }) => {
  await open(loader({ 'data-org': 'a' }));
  await state('ready');
  await run(() => void (document.querySelector('[data-chathub]').dataset.org = 'b'));
  await until(async () => (await evals()).length === 2);
  await state('ready');
  assert.deepEqual(world.asked().map((r) => r.search), ['?org=a', '?org=b']);
});

each('25 consent: asked for by a later init, under another name, by category, before the runtime is there', async ({ world, page, open, run, state }) => {
  const fire = (name, detail) => run((name, detail) => void document.dispatchEvent(new CustomEvent(name, { detail })), name, detail);
  await open(`<script type="module">import { init } from '/runtime.js'; init({ endpoint: '/token', src: '/widget.js', load: 'manual' });
    init({ endpoint: '/token', src: '/widget.js', load: 'eager', consent: 'first' });</script>`);
  await until(() => run(() => window.ChatHub));
  await settle(run);
  assert.equal(world.asked().length, 0);
  await run(() => void ChatHub.init({ endpoint: '/token', src: '/widget.js', load: 'eager', consent: 'cc:onConsent', category: 'chat' }));
  await fire('first');
  await fire('cc:onConsent', { cookie: { categories: ['necessary', 'analytics'] } });
  await settle(run);
  assert.equal(world.asked().length, 0);
  await fire('cc:onConsent', { cookie: { categories: ['necessary', 'chat'] } });
  await state('ready');
  await run(() => ChatHub.controller.revoke());
  await state('destroyed');
  await run(() => ChatHub.controller.grant());
  await state('ready');

  await open(`<script>(window.ChatHub ||= []).push((hub) => hub.controller.grant())</script>` + loader({ 'data-consent': 'never' }));
  await state('ready');
  await open(`<div id="ChatHub"></div>` + loader());
  await state('ready');
  assert.equal(await run(async () => (await ChatHub.ready) === ChatHub.controller), true);
});

each('34 one chat per window: a page in a frame of another leaves it to that', async ({ world, page, open, run, state }) => {
  world.page(loader(), { path: '/inner' });
  await open(loader() + '<iframe src="/inner"></iframe>');
  await state('ready');
  await settle(run);
  const inner = () => run(() => frames[0].document.querySelectorAll('.widget').length);
  assert.equal(await inner(), 0);
  world.page(loader({ 'data-frames': 'each' }), { path: '/inner' });
  await open(loader() + '<iframe src="/inner"></iframe>');
  await until(async () => (await inner()) === 1);
  await open('<iframe src="/inner"></iframe>');
  await until(async () => (await inner()) === 1);
});

each('34 a chat that the page has ended is not started by the next navigation', async ({ world, page, run, state }) => {
  const head = await turbo(world);
  for (const n of [0, 1]) world.page(`<h1>page ${n}</h1><a href="/p${1 - n}">next</a>` + loader({ 'data-org': `o${n}` }), { path: `/p${n}`, head });
  await page.goto(world.site.origin + '/p0');
  await state('ready');
  await run(() => ChatHub.controller.destroy());
  await run(() => document.querySelector('a').click());
  await until(() => run(() => document.querySelector('h1').textContent === 'page 1'));
  await settle(run);
  assert.equal(await run(() => ChatHub.controller.state), 'destroyed');
  assert.equal(world.asked().length, 1);
  await run(() => void ChatHub.init());
  await state('ready');
});

each("34 errors of the page's own code do not restart the chat", async ({ world, page, clocked, run, state, evals }) => {
  // From a script of the page: what a driver runs is not told to its listeners.
  await clocked(
    `<script>window.__heard = 0; for (const name of ['error', 'unhandledrejection']) addEventListener(name, () => __heard++);
    window.__fail = () => { Promise.reject(new Error('Token expired')); setTimeout(() => { throw new Error('jwt expired'); }); };
    addEventListener('click', () => __fail());</script>` + loader(),
  );
  await state('ready');
  // Two refreshes are never that close together.
  await run(() => __clock.advance(31e3));
  await page.mouse.click(5, 5);
  await until(() => run(() => window.__heard === 2));
  await settle(run);
  assert.equal(world.asked().length, 1);
  assert.equal((await evals()).length, 1);
});

each('34 a healthy page does not load the second file; one without a chat does once, and one that others follow without being loaded', async ({ world, page, open, run, state }) => {
  const loaded = () => world.site.log.filter(({ path }) => path === MORE_PATH).length;
  const head = await turbo(world);
  for (const n of [0, 1]) world.page(`<h1>page ${n}</h1><a href="/p${1 - n}">next</a>` + loader() + CONTACT, { path: `/p${n}`, head });
  for (let n = 0; n <= 10; n++) {
    await page.goto(`${world.site.origin}/p${n % 2}`);
    await state('ready');
  }
  assert.equal(loaded(), 0);
  for (let n = 1; n <= 10; n++) {
    await run(() => document.querySelector('a[href^="/p"]').click());
    await until(() => run((n) => document.querySelector('h1').textContent === `page ${n % 2}`, n));
    await until(() => run(() => document.querySelectorAll('.widget').length === 1));
  }
  assert.equal(loaded(), 1);
  world.replies.push([404, {}, '']);
  await open(loader());
  await state('failed');
  assert.equal(loaded(), 2);
});

each('34 a page whose own script takes something away does not load the second file', async ({ world, page, run, state }) => {
  const body = `<div id="preloader">…</div>${CONTACT}<main>text</main>${loader({ 'data-load': 'idle' })}`;
  await page.goto(world.page(`<script>addEventListener('load', () => document.getElementById('preloader').remove())</script>${body}`));
  await state('ready');
  await run(() => document.querySelector('main').append(' and more'));
  await settle(run);
  assert.ok(!world.site.log.some(({ path }) => path === MORE_PATH));
});

each('03 Retry-After: 0, a date that is past, or one by a clock that is wrong', async ({ world, clocked, run, state }) => {
  for (const [after, date] of [
    ['0'],
    ['Thu, 01 Jan 2015 00:00:00 GMT'],
    // The server's clock is three hours ahead, and it asks for ten seconds.
    [new Date(Date.now() + 3 * 36e5 + 1e4).toUTCString(), new Date(Date.now() + 3 * 36e5).toUTCString()],
  ]) {
    world.site.log.length = 0;
    world.replies.splice(0, 2, [503, { 'retry-after': after, ...(date && { date }) }, ''], undefined);
    await clocked(loader());
    await until(() => world.asked().length);
    await until(() => run(() => (__clock.advance(1000), ChatHub.controller.state === 'ready')), `ready after ${after}`);
    assert.ok(await run(() => __clock.delays.every((ms) => ms >= 0 && ms < 2 ** 31)), 'no timer that would fire at once');
  }
});

each('03 a 401 before the login, and a captive portal: the chat comes with the next occasion', async ({ world, clocked, run, state }) => {
  for (const reply of [[401, {}, ''], [200, {}, '<title>Sign in</title>']]) {
    world.replies.splice(0, 2, reply);
    await clocked(loader());
    await state('failed');
    world.replies.splice(0, 1, undefined);
    await run(() => (__clock.advance(31e3), dispatchEvent(new Event('online'))));
    await state('ready');
  }
});

each('06 expiresAt in seconds, in milliseconds, without a zone, and in another one', async ({ world, clocked, run, state }) => {
  const at = Date.now() + 8 * 36e5;
  // By a clock that is three hours ahead of UTC.
  const in3 = (at) => new Date(at + 3 * 36e5).toISOString().slice(0, 19);
  for (const expiresAt of [Math.floor(at / 1000), at, new Date(at).toISOString().replace('Z', ''), new Date(at).toISOString().slice(0, 19).replace('T', ' '), in3(at) + '+03:00', in3(at) + '+0300', in3(at).replace('T', ' ') + '+03', `${new Date(at + 3 * 36e5).toUTCString().replace('GMT', '+0300')}`]) {
    world.replies.splice(0, 1, () => ({ token: jwt(), expiresAt }));
    await clocked(loader());
    await state('ready');
    const [delay] = await run(() => __clock.pending().filter((ms) => ms > 2e4));
    assert.ok(delay > 6.7 * 36e5 && delay < 7.1 * 36e5, `${expiresAt}: ${delay / 36e5} h`);
  }
});
