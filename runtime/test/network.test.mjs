// Servers that fail, hang, or say what is not so; clocks that are wrong; networks that come and go; what blocks us.
import { fileURLToPath } from 'node:url';
import { assert, counts, each, fromClock, jwt, launch, loader, serve, until, CONTACT, MORE_PATH, ONE } from './harness.mjs';

const HOUR = 36e5;
const JS = { 'content-type': 'text/javascript' };
/** Keeps the codes of failures. */
const ERRORS = `<script>window.__errors = []; addEventListener('chathub:error', (e) => __errors.push(e.detail.code), true)</script>`;
/** The network is what the test says. */
const NETWORK = `<script>let up = true; Object.defineProperty(navigator, 'onLine', { get: () => up });
  window.__network = (is) => { up = is; dispatchEvent(new Event(is ? 'online' : 'offline')); };</script>`;
const settle = (run) => run(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100)));
/** What is planned, in milliseconds, of all that takes longer than a single request may. */
const planned = (run) => run(() => __clock.pending().filter((ms) => ms > 6e4)[0]);
/** Imports the runtime, and starts it with a `getToken` that answers with this token. */
const initWith = (run, token) =>
  run(async (token) => {
    const { init } = await import('/runtime.js');
    init({ src: '/widget.js', load: 'eager', getToken: () => token });
  }, token);
/** A token that died an hour ago. */
const dead = () => jwt({ iat: Math.floor(Date.now() / 1e3) - 7200 }, -3600);

each('03 an hour of Retry-After: failed at once, with the contact, and asked again after it, not before', async ({ world, clocked, run, state, contactVisible }) => {
  world.replies.push([503, { 'retry-after': '3600' }, ''], undefined);
  await clocked(loader() + CONTACT);
  await state('failed');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  await run(() => (__clock.advance(3590e3), dispatchEvent(new Event('online')), dispatchEvent(new Event('focus'))));
  await settle(run);
  assert.equal(await run(() => ChatHub.controller.state), 'failed');
  assert.equal(world.asked().length, 1);
  await run(() => __clock.advance(11e3));
  await state('ready');
  assert.equal(world.asked().length, 2);
});

each('03 an outage of minutes at the start: the chat comes by itself', async ({ world, clocked, run, state }) => {
  world.replies.push([503, {}, '']);
  await clocked(loader());
  await until(() => run(() => (__clock.advance(1e3), ChatHub.controller.state === 'failed')), 'failed');
  assert.equal(await run(() => __clock.fetches), 6);
  world.replies.splice(0, 1, undefined);
  await run(() => __clock.advance(3e5));
  await state('ready');
});

each('03 after a refusal the chat comes with a navigation, or within two hours', async ({ world, clocked, run, state }) => {
  for (const occasion of [() => (__clock.advance(31e3), history.pushState({}, '', '/elsewhere')), () => __clock.advance(72e5)]) {
    world.replies.splice(0, 1, [401, {}, '']);
    world.site.log.length = 0;
    await clocked(loader());
    await state('failed');
    // Not at every occasion, which a visitor who clicks about would make many of.
    await run(() => (dispatchEvent(new Event('pointerdown')), history.pushState({}, '', '/another')));
    await settle(run);
    assert.equal(world.asked().length, 1);
    world.replies.splice(0, 1, undefined);
    await run(occasion);
    await state('ready');
  }
});

each('03 a reply that does not end is not read for ever', async ({ world, open, state, run }) => {
  let closed;
  world.replies.push(async (_, response) => {
    closed = new Promise((done) => response.once('close', done));
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(1 << 20, 'a');
    while (!response.destroyed) if (!response.write(chunk)) await Promise.race([closed, new Promise((done) => response.once('drain', done))]);
    return null;
  });
  await open(ERRORS + loader());
  await state('failed');
  // The runtime ended it, and did not wait for the limit of time, after which it would have asked again.
  await closed;
  assert.deepEqual(await run(() => __errors), ['reply']);
  assert.equal(world.asked().length, 1);
});

each('06 what is left of the life of a reply from a cache is not taken for a clock that is wrong', async ({ world, clocked, run, state }) => {
  world.replies.push(() => [200, { date: new Date(Date.now() - HOUR).toUTCString(), age: '3600' }, jwt({}, 3600)]);
  await clocked(loader());
  await state('ready');
  const delay = await planned(run);
  assert.ok(delay <= 45 * 6e4 && delay > 41.8 * 6e4, `${delay / 6e4} min`);
});

each('08 a token that has ended is seen as such without a Date that can be read', async ({ world, open, run, state, evals }) => {
  await open(ERRORS);
  await initWith(run, dead());
  await state('failed');
  world.replies.push((_, response) => ((response.sendDate = false), dead()));
  await open(ERRORS + loader());
  await state('failed');
  assert.deepEqual(await run(() => __errors), ['expired']);
  assert.deepEqual(await evals(), []);
});

each('07 a token that only seems to have ended is used, since the clock is wrong', async ({ clocked, run, state }) => {
  await clocked('', { skew: 3 * HOUR });
  await initWith(run, jwt({}, 3600));
  await state('ready');
  const delay = await planned(run);
  assert.ok(delay <= 45.2 * 6e4 && delay > 41.8 * 6e4, `${delay / 6e4} min`);
});

each('20 a clock that is set back does not put off the refresh', async ({ world, clocked, run, state, evals }) => {
  world.replies.push(fromClock(run, 3600));
  await clocked(loader());
  await state('ready');
  const delay = await planned(run);
  await run((delay) => (__clock.set(-3 * 36e5), __clock.advance(delay)), delay);
  await until(async () => (await evals()).length === 2, 'a second evaluation');
  await state('ready');
});

each('20 a machine that has slept with the page in sight: refreshed within a minute, or with the first touch', async ({ world, clocked, run, state, evals }) => {
  for (const wake of [() => __clock.advance(6e4), () => dispatchEvent(new Event('pointerdown'))]) {
    await clocked(loader());
    await state('ready');
    await run(() => __clock.set(25 * 36e5));
    await run(wake);
    await until(async () => (await evals()).length === 2, 'a second evaluation');
    await state('ready');
  }
  assert.equal(world.asked().length, 4);
});

each('04 offline past the end of the token: no longer ready, and back with the network', async ({ world, clocked, run, state, contactVisible }) => {
  world.replies.push(fromClock(run, 3600));
  await clocked(NETWORK + loader() + CONTACT);
  await state('ready');
  // Without a network there is no second file either.
  const file = world.site.routes[MORE_PATH];
  world.site.routes[MORE_PATH] = (_, response) => response.destroy();
  await run(() => __network(false));
  await run((delay) => __clock.advance(delay), await planned(run));
  await settle(run);
  assert.equal(await run(() => ChatHub.controller.state), 'ready', 'as long as the token lives');
  await until(() => run(() => (__clock.advance(1e4), /offline|failed/.test(ChatHub.controller.state))), 'no longer ready');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 0);
  assert.equal(world.asked().length, 1);
  world.site.routes[MORE_PATH] = file;
  await run(() => __network(true));
  await until(() => run(() => (__clock.advance(1e3), ChatHub.controller.state === 'ready')), 'ready');
});

/** Keeps the first request of the widget's script without an answer. */
const hang = (world) => {
  const [, , body] = world.site.routes['/widget.js'];
  const answer = (response) => response.writeHead(200, JS).end(body);
  const hung = [];
  world.site.routes['/widget.js'] = (_, response) => (hung.length ? answer(response) : hung.push(response));
  return {
    hung,
    release() {
      answer(hung[0]);
      world.site.routes['/widget.js'] = [200, JS, body];
    },
  };
};

each('16 a script of the widget that does not answer is waited for again, and makes one widget', async ({ world, clocked, run, state, contactVisible }) => {
  const { hung, release } = hang(world);
  await clocked('<script>Math.random = () => 0</script>' + loader() + CONTACT);
  await until(() => hung.length);
  await run(() => __clock.advance(29e3));
  assert.equal(await run(() => ChatHub.controller.state), 'loading');
  // What comes in the second try.
  await run(() => __clock.advance(2e3));
  await settle(run);
  release();
  await until(() => run(() => (__clock.advance(1e2), ChatHub.controller.state === 'ready')), 'ready');
  assert.deepEqual(await run(counts), ONE);
  assert.equal(world.asked().length, 1);
  assert.equal(await contactVisible(), undefined);
});

each('16 a script of the widget that does not answer for minutes: failed and the contact; what comes too late is no widget', async ({ world, clocked, run, state, contactVisible }) => {
  const { hung, release } = hang(world);
  await clocked(loader() + CONTACT);
  await until(() => hung.length);
  await until(() => run(() => (__clock.advance(1e3), ChatHub.controller.state === 'failed')), 'failed');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  release();
  await until(() => run(() => window.__evals || window.__thrown), 'the late script');
  assert.equal(await run(() => document.querySelector('.widget')), null);
  await run(() => __clock.advance(3e5));
  await state('ready');
  assert.deepEqual(await run(counts), { ...ONE, evaluations: 2 });
});

each('13 a script of the widget that does not answer holds up neither destroy() nor the next init', async ({ world, clocked, run, state }) => {
  for (const atOnce of [false, true]) {
    const { hung, release } = hang(world);
    await clocked('<script>Math.random = () => 0</script>' + loader());
    await until(() => hung.length);
    const init = () => run(() => void ChatHub.init({ endpoint: '/token', src: '/widget.js', load: 'eager' }));
    await run(() => void ChatHub.controller.destroy().then(() => (window.__ended = true)));
    if (atOnce) await init();
    await run(() => __clock.advance(30e3));
    if (!atOnce) {
      await until(() => run(() => window.__ended), 'the end of destroy()');
      await init();
    }
    await settle(run);
    release();
    await state('ready');
    await until(() => run(() => window.__ended), 'the end of destroy()');
    assert.deepEqual(await run(counts), ONE);
  }
});

each('26 idle does not wait for ever for a picture that never comes', async ({ world, page, run, state }) => {
  world.site.routes['/pixel.gif'] = () => {};
  const url = world.page(loader({ 'data-load': 'idle' }) + '<img src="/pixel.gif" alt="">', { head: '<script src="/clock.js" data-skew="0"></script>' });
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await state('waiting');
  await run(() => __clock.advance(9e3));
  await settle(run);
  assert.equal(world.asked().length, 0);
  await run(() => __clock.advance(1e3));
  await state('ready');
});

each('09 the widget says twice within 30 seconds that its token has expired: the second time is not forgotten', async ({ world, clocked, run, state, evals }) => {
  await clocked(loader());
  await state('ready');
  const expired = () => run(() => void dispatchEvent(new ErrorEvent('error', { message: 'token expired', filename: location.origin + '/widget.js' })));
  await expired();
  await until(async () => (await evals()).length === 2);
  await state('ready');
  await run(() => __clock.advance(5e3));
  await expired();
  await until(() => run(() => __clock.pending().some((ms) => ms > 2e4 && ms < 31e3)), 'a plan');
  assert.equal(world.asked().length, 2);
  await run(() => __clock.advance(3e4));
  await until(async () => (await evals()).length === 3);
});

const VENDOR = 'https://widget.example/script.js';
/** What lasts: where it is said, what the tag has, its code, the requests of a token that it takes. */
const BLOCKS = {
  "a policy forbids the endpoint": [{ 'content-security-policy': "connect-src 'none'" }, {}, 'blocked', 0],
  "a policy forbids the widget's script": [{ 'content-security-policy': "script-src 'self' 'unsafe-inline'" }, { 'data-src': VENDOR }, 'blocked', 1],
  'credentials that are none': [{}, { 'data-credentials': 'sometimes' }, 'config', 0],
  'an address that is none': [{}, { 'data-endpoint': 'https://:0' }, 'config', 0],
};

for (const [what, [headers, attributes, code, requests]] of Object.entries(BLOCKS))
  each(`03 what lasts is not tried again, and called by its name: ${what}`, async ({ world, clocked, run, state, contactVisible }) => {
    await clocked(ERRORS + loader(attributes) + CONTACT, { headers });
    await state('failed');
    assert.deepEqual(await run(() => __errors), [code]);
    assert.equal(await contactVisible(), 'mailto:help@example.com');
    await run(() => __clock.advance(5 * 6e4));
    await settle(run);
    assert.deepEqual(await run(() => __errors), [code]);
    assert.equal(world.asked().length, requests);
    assert.ok((await run(() => __clock.fetches)) <= 1);
  });

// In Firefox alone: what Chromium tells of such a request is how long it took, which is no matter for a test.
each(
  '03 an ad blocker is not asked again and again, and called by its name',
  async ({ world }) => {
    const { browser, close } = await launch('firefox');
    try {
      await browser.installExtension(fileURLToPath(new URL('blocker', import.meta.url)));
      const page = await browser.newPage();
      for (const attributes of [{ 'data-endpoint': '/blocked-token' }, { 'data-src': '/blocked-widget.js' }]) {
        world.site.log.length = 0;
        await page.goto(world.page(ERRORS + loader(attributes) + CONTACT, { head: '<script src="/clock.js" data-skew="0"></script>' }));
        await until(() => page.evaluate(() => ChatHub.controller.state === 'failed'), 'failed');
        assert.deepEqual(await page.evaluate(() => __errors), ['blocked']);
        assert.equal(await page.evaluate(() => __clock.fetches), 'data-src' in attributes ? 1 : 2);
        assert.ok(!world.site.log.some(({ path }) => path.startsWith('/blocked')));
      }
    } finally {
      await close();
    }
  },
  ['firefox'],
);

each('03 a list of Trusted Types without ours: failed and the contact after one request', async ({ world, clocked, run, state, contactVisible }) => {
  await clocked(loader() + CONTACT, { headers: { 'content-security-policy': "require-trusted-types-for 'script'; trusted-types other" } });
  await state('failed');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  await run(() => __clock.advance(5 * 6e4));
  await settle(run);
  assert.equal(world.asked().length, 1);
});

each('29 a redirect to plain http is refused; one on the same origin is followed', async ({ world, open, run, state, evals }) => {
  const other = await serve({ '/token': [200, { 'access-control-allow-origin': '*' }, jwt()] });
  try {
    world.replies.push([307, { location: other.origin + '/token' }, '']);
    await open(ERRORS + loader());
    await state('failed');
    assert.deepEqual(await run(() => __errors), ['config']);
    assert.deepEqual(await evals(), []);
    world.site.routes['/old'] = [307, { location: '/token' }, ''];
    world.replies.splice(0, 1, undefined);
    await open(loader({ 'data-endpoint': '/old' }));
    await state('ready');
  } finally {
    await other.close();
  }
});
