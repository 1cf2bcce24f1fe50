import { assert, each, fromClock, jwt, loader, until, CONTACT } from './harness.mjs';

const SHAPES = {
  '{token}': (t) => JSON.stringify({ token: t }),
  '{token,expiresAt}': (t) => JSON.stringify({ token: t, expiresAt: new Date(Date.now() + 36e5).toISOString() }),
  'JSON string': (t) => JSON.stringify(t),
  'bare text': (t) => t + '\n',
  'quoted text': (t) => ` "${t}"\n`,
  'double-encoded string': (t) => JSON.stringify(JSON.stringify(t)),
  'double-encoded object': (t) => JSON.stringify(JSON.stringify({ token: t })),
  'quoted inside an object': (t) => JSON.stringify({ token: JSON.stringify(t) }),
};

each('01 every reply shape gives the same token attribute', async ({ world, open, state, run, evals }) => {
  for (const [shape, write] of Object.entries(SHAPES)) {
    const token = jwt();
    world.replies.splice(0, 1, write(token));
    await open(loader());
    await state('ready');
    assert.deepEqual((await evals()).map((e) => e.token), [token], shape);
    assert.equal(await run(() => document.getElementById('operator-chat-panel-script').getAttribute('token')), token, shape);
  }
});

each('02 a reply that is no token: failed, no script, contact', async ({ world, open, state, run, contactVisible }) => {
  for (const [what, body] of Object.entries({
    HTML: '<!doctype html><title>Sign in</title>',
    empty: '',
    'null token': '{"token":null}',
    oversized: JSON.stringify({ token: jwt({ pad: 'x'.repeat(9000) }) }),
    'two parts': 'abc.def',
    'payload that is no JSON': 'abc.def.ghi',
    'a status object': '{"ok":true}',
  })) {
    world.replies.splice(0, 1, body);
    world.site.log.length = 0;
    await open(loader() + CONTACT);
    await state('failed');
    assert.equal(await run(() => document.querySelectorAll('[id^=operator-chat-panel-script]').length), 0, what);
    assert.equal(await contactVisible(), 'mailto:help@example.com', what);
    assert.equal(world.asked().length, 1, what);
  }
});

each('02 the development token is accepted on loopback', async ({ world, open, state, evals }) => {
  world.replies.push('"test-token-for-development"');
  await open(loader());
  await state('ready');
  assert.equal((await evals())[0].token, 'test-token-for-development');
});

each('02 the development token is refused elsewhere', async ({ world, page, state, evals }) => {
  world.replies.push('"test-token-for-development"');
  await page.goto(world.page(loader()).replace('127.0.0.1', 'example.test'));
  await state('failed');
  assert.deepEqual(await evals(), []);
});

each('03 a refusal is not asked again: one request, then contact', async ({ world, open, state, contactVisible, run }) => {
  for (const status of [400, 401, 403, 404]) {
    world.replies.splice(0, 1, [status, { 'content-type': 'application/json' }, '{"error":"Unauthorized"}']);
    world.site.log.length = 0;
    await open(`<script>addEventListener('chathub:error', (e) => window.__error = e.detail, true)</script>` + loader() + CONTACT);
    await state('failed');
    assert.equal(await contactVisible(), 'mailto:help@example.com');
    assert.equal(world.asked().length, 1);
    assert.equal(await run(() => JSON.stringify(window.__error)), JSON.stringify({ code: status }));
  }
});

each('03 a passing failure is asked again, five times at most', async ({ world, clocked, state, run }) => {
  for (const failure of [408, 429, 500, 503, 'network']) {
    world.replies.splice(0, 1, failure === 'network' ? (_, response) => (response.destroy(), null) : [failure, {}, '']);
    world.site.log.length = 0;
    await clocked(loader());
    // Let each back-off pass as soon as it is pending.
    for (let wanted = 2; wanted <= 6; wanted++)
      await until(async () => {
        await run(() => __clock.advance(1000));
        return (await run(() => __clock.fetches)) >= wanted;
      }, `request ${wanted} after ${failure}`);
    await until(() => run(() => (__clock.advance(1000), ChatHub.controller.state === 'failed')), 'failed');
    assert.equal(await run(() => __clock.fetches), 6, String(failure));
  }
});

each('03 Retry-After is honoured', async ({ world, clocked, state, run }) => {
  world.replies.push([503, { 'retry-after': '120' }, ''], undefined);
  await clocked(loader());
  await until(() => run(() => __clock.pending().some((ms) => ms >= 119e3 && ms < 122e3)), 'a timer of 120 s');
  await run(() => __clock.advance(100e3));
  assert.equal(world.asked().length, 1);
  await run(() => __clock.advance(22e3));
  await state('ready');
  assert.equal(world.asked().length, 2);
});

each('03 a Retry-After of months does not turn into no wait at all', async ({ world, clocked, run }) => {
  world.replies.push([503, { 'retry-after': '99999999' }, '']);
  await clocked(loader());
  await until(() => run(() => __clock.pending().some((ms) => ms > 1e9)), 'a long timer');
  assert.ok(await run(() => Math.max(...__clock.delays) <= 2 ** 31 - 1));
  assert.equal(world.asked().length, 1);
});

each('03 no answer within ten seconds counts as a failure', async ({ world, clocked, state, run }) => {
  world.replies.push(() => new Promise(() => {}), undefined);
  await clocked(loader());
  await until(() => world.asked().length === 1);
  await run(() => __clock.advance(9.9e3));
  assert.equal(await run(() => ChatHub.controller.state), 'loading');
  await until(async () => {
    await run(() => __clock.advance(1e3));
    return world.asked().length === 2;
  }, 'a second request');
  await state('ready');
});

each('04 offline at start: no request until online', async ({ world, open, state, run, contactVisible }) => {
  await open(
    `<script>let up = false; Object.defineProperty(navigator, 'onLine', { get: () => up }); window.__up = () => { up = true; dispatchEvent(new Event('online')); };</script>` +
      loader() +
      CONTACT,
  );
  await state('offline');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  assert.equal(world.asked().length, 0);
  await run(() => __up());
  await state('ready');
  assert.equal(world.asked().length, 1);
});

each('05 concurrent triggers share one request', async ({ world, open, state, run, evals }) => {
  await open(loader({ 'data-load': 'manual' }));
  await state('waiting');
  await run(async () => {
    const { controller } = ChatHub;
    await Promise.all([controller.load(), controller.load(), controller.refresh(), ChatHub.init({ endpoint: '/token', src: '/widget.js' }).load()]);
  });
  await state('ready');
  assert.equal(world.asked().length, 1);
  assert.equal((await evals()).length, 1);
});

const lasting = (seconds, claims = {}) => () => ({ token: jwt(claims, seconds) });

each('06 refresh before the deadline, with margin and jitter', async ({ world, clocked, state, run, evals }) => {
  world.replies.push(lasting(3600));
  await clocked(loader());
  await state('ready');
  const [delay] = await run(() => __clock.pending().filter((ms) => ms > 2e4));
  // A quarter of an hour before the end, up to three minutes sooner.
  assert.ok(delay <= 45 * 6e4 && delay > 41.9 * 6e4, `refresh in ${delay} ms`);
  await run((ms) => __clock.advance(ms), delay + 1);
  await until(async () => (await evals()).length === 2);
  assert.equal(world.asked().length, 2);
});

each('06 the deadline is the earliest of expiresAt, exp and 24 hours', async ({ world, clocked, state, run }) => {
  const H = 36e5;
  for (const [reply, hours] of [
    [() => ({ token: jwt({}, 12 * 3600), expiresAt: new Date(Date.now() + 8 * H).toISOString() }), 8],
    [() => ({ token: jwt({}, 6 * 3600), expiresAt: new Date(Date.now() + 8 * H).toISOString() }), 6],
    [() => ({ token: jwt({}, 30 * 24 * 3600) }), 24],
    [() => ({ token: jwt({}, 10 * 3600), expiresAt: 'soon' }), 10],
  ]) {
    world.replies.splice(0, 1, reply);
    await clocked(loader());
    await state('ready');
    const [delay] = await run(() => __clock.pending().filter((ms) => ms > 2e4));
    const margin = hours * H - delay;
    assert.ok(margin >= H - 5e3 && margin <= 1.2 * H + 5e3, `${hours} h: ${margin}`);
    assert.ok(await run(() => Math.max(...__clock.delays) <= 2 ** 31 - 1));
  }
});

each('06 a five-minute token does not loop, and two refreshes are 30 seconds apart', async ({ world, clocked, state, run, evals }) => {
  world.replies.push(fromClock(run, 300));
  await clocked(loader());
  await state('ready');
  for (let round = 2; round <= 6; round++) {
    const [delay] = await run(() => __clock.pending().filter((ms) => ms > 2e4));
    assert.ok(delay > 200e3 && delay <= 225e3, `refresh in ${delay} ms`);
    await run((ms) => __clock.advance(ms), delay);
    await until(async () => (await evals()).length === round);
    await until(() => run(() => __clock.pending().some((ms) => ms > 2e4)));
  }
  assert.equal(world.asked().length, 6);
  // A burst by hand, right after a refresh.
  await run(async () => {
    for (let n = 0; n < 5; n++) await ChatHub.controller.refresh();
  });
  assert.equal(world.asked().length, 6);
  assert.equal((await evals()).length, world.asked().length);
});

for (const hours of [3, -3])
  each(`07 a clock that is ${hours} h off is corrected, by Date or by iat`, async ({ world, clocked, state, run }) => {
    for (const date of [true, false]) {
      world.replies.splice(0, 1, (request, response) => {
        response.sendDate = date;
        return { token: jwt({}, 3600) };
      });
      await clocked(loader(), { skew: hours * 36e5 });
      await state('ready');
      assert.equal(world.asked().length, 1);
      const [delay] = await run(() => __clock.pending().filter((ms) => ms > 2e4));
      assert.ok(delay <= 45.2 * 6e4 && delay > 41.8 * 6e4, `refresh in ${delay / 6e4} min, Date header: ${date}`);
      world.site.log.length = 0;
    }
  });

each('08 an expired reply: one retry, then failed', async ({ world, open, state, contactVisible }) => {
  world.replies.push(() => ({ token: jwt({ iat: 1e9, exp: 1e9 + 60 }) }));
  await open(loader() + CONTACT);
  await state('failed');
  assert.equal(world.asked().length, 2);
  assert.equal(await contactVisible(), 'mailto:help@example.com');
});

each('08 an expired reply followed by a good one: ready', async ({ world, open, state }) => {
  world.replies.push(() => ({ token: jwt({ iat: 1e9, exp: 1e9 + 60 }) }), undefined);
  await open(loader());
  await state('ready');
  assert.equal(world.asked().length, 2);
});

each('09 the widget says its token expired: one refresh per burst', async ({ world, open, state, run, evals }) => {
  await open(loader());
  await state('ready');
  await run(() => {
    dispatchEvent(new Event('error'));
    dispatchEvent(new ErrorEvent('error', { message: 'ResizeObserver loop' }));
    dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: null }));
    dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: Object.create(null) }));
  });
  assert.equal(world.asked().length, 1);
  await run(() => {
    for (let n = 0; n < 3; n++) {
      // As one that comes out of the widget's own code.
      Promise.reject(Object.assign(new Error('Token expired'), { stack: `Error: Token expired\n    at send (${location.origin}/widget.js#1:1:2)` }));
      dispatchEvent(new ErrorEvent('error', { message: 'Uncaught Error: token has expired', filename: location.origin + '/widget.js' }));
    }
  });
  await until(async () => (await evals()).length === 2);
  await state('ready');
  await run(() => dispatchEvent(new ErrorEvent('error', { message: 'jwt expired', filename: location.origin + '/widget.js' })));
  assert.equal(world.asked().length, 2);
  assert.equal((await evals()).length, 2);
});

each('10 no token in storage, URL, history or cookies', async ({ page, open, state, run }) => {
  await open(loader());
  await state('ready');
  const found = await run(async () => {
    const places = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, location.href, JSON.stringify(history.state)];
    places.push(JSON.stringify(await indexedDB.databases()), JSON.stringify(await caches.keys()));
    return places;
  });
  assert.deepEqual(found, ['{}', '{}', '', page.url(), 'null', '[]', '[]']);
});
