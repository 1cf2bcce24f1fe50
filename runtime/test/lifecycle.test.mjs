import { assert, each, fromClock, loader, prerender, until, CONTACT } from './harness.mjs';

const CACHEABLE = { 'cache-control': 'no-cache' };

each('19 back from the bfcache: an expired token is refreshed, and nothing of ours keeps the page out', async ({ world, page, clocked, run, state, evals }) => {
  world.page('<h1>elsewhere</h1>', { path: '/elsewhere', headers: CACHEABLE });
  // Two hours pass while the page is in the cache.
  await clocked(
    `<script>addEventListener('pageshow', (e) => { if (e.persisted) { window.__persisted = true; __clock.advance(72e5, true); } }, true);</script>` + loader(),
    { headers: CACHEABLE },
  );
  await state('ready');
  world.replies.splice(0, 1, fromClock(run, 3600));
  await run(() => ChatHub.controller.refresh());
  assert.equal((await evals()).length, 2);
  world.replies.splice(0, 1, undefined);
  await run(() => __clock.advance(31e3));
  await run(() => void setTimeout(() => (location.href = '/elsewhere')));
  await until(() => run(() => document.querySelector('h1')?.textContent === 'elsewhere').catch(() => false));
  await run(() => void setTimeout(() => history.back()));
  await until(() => run(() => window.__persisted).catch(() => false), 'restored from the bfcache');
  await until(async () => (await evals()).length === 3);
  await state('ready');
  assert.equal(world.asked().length, 3);
});

each('19 back from the bfcache with a token that lives: no request', async ({ world, page, open, run, state }) => {
  world.page('<h1>elsewhere</h1>', { path: '/elsewhere', headers: CACHEABLE });
  await open(loader() + `<script>addEventListener('pageshow', (e) => { window.__persisted = e.persisted; })</script>`, { headers: CACHEABLE });
  await state('ready');
  await run(() => void setTimeout(() => (location.href = '/elsewhere')));
  await until(() => run(() => document.querySelector('h1')?.textContent === 'elsewhere').catch(() => false));
  await run(() => void setTimeout(() => history.back()));
  await until(() => run(() => window.__persisted).catch(() => false), 'restored from the bfcache');
  await state('ready');
  assert.equal(world.asked().length, 1);
});

each('20 a tab that slept past the refresh: refreshed when it wakes', async ({ world, clocked, run, state, evals }) => {
  await clocked(loader());
  await state('ready');
  await run(() => __clock.advance(23.5 * 36e5, true));
  assert.equal(world.asked().length, 1);
  // The page's clock stands still from here on: no timer of a second or more can help.
  await run(() => document.dispatchEvent(new Event('visibilitychange')));
  await until(async () => (await evals()).length === 2, 'a second evaluation');
  assert.equal(world.asked().length, 2);
});

each(
  '20 a frozen tab: refreshed when it resumes',
  async ({ world, page, clocked, run, state, evals }) => {
    await clocked(loader() + `<script>document.addEventListener('freeze', () => __clock.advance(23.5 * 36e5, true))</script>`);
    await state('ready');
    const session = await page.createCDPSession();
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await until(async () => (await evals()).length === 2, 'a second evaluation');
    assert.equal(world.asked().length, 2);
  },
  ['chromium'],
);

each(
  '21 prerender: no token before the page is activated',
  async ({ world, open, run }) => {
    // The page reports by itself: the driver does not see it. Modules run in order, so that the first report comes after the runtime has started.
    const reports = [];
    world.site.routes['/report'] = (request, response, url) => (reports.push(Object.fromEntries(url.searchParams)), response.writeHead(204).end());
    world.site.routes['/report.js'] = [
      200,
      { 'content-type': 'text/javascript' },
      `const report = (event) => fetch('/report?' + new URLSearchParams({ event, state: ChatHub.controller.state, prerendering: document.prerendering,
        activated: performance.getEntriesByType('navigation')[0].activationStart > 0, evaluations: (window.__evals ?? []).length }));
      document.addEventListener('chathub:ready', () => report('ready'));
      report('started');`,
    ];
    world.page(loader() + '<script type="module" src="/report.js"></script>', { path: '/next', headers: CACHEABLE });
    const go = await prerender({ world, open, run }, CACHEABLE);
    await until(() => reports.length, 'a report from the prerendered page');
    assert.deepEqual(reports, [{ event: 'started', state: 'idle', prerendering: 'true', activated: 'false', evaluations: '0' }]);
    assert.equal(world.asked().length, 0);
    go();
    await until(() => reports.length === 2, 'a report from the activated page');
    assert.deepEqual(reports[1], { event: 'ready', state: 'ready', prerendering: 'false', activated: 'true', evaluations: '1' });
    assert.equal(world.asked().length, 1);
  },
  ['chromium'],
);

each('06 a passing failure of a refresh leaves the widget until its token ends', async ({ world, clocked, run, state, evals, contactVisible }) => {
  world.replies.push(fromClock(run, 3600));
  await clocked(loader() + CONTACT);
  await state('ready');
  world.replies.splice(0, 1, [503, {}, '']);
  const [delay] = await run(() => __clock.pending().filter((ms) => ms > 2e4));
  await run((ms) => __clock.advance(ms), delay);
  await until(() => run(() => (__clock.advance(1000), __clock.fetches >= 7)), 'all retries');
  assert.equal(await run(() => ChatHub.controller.state), 'ready');
  assert.equal((await evals()).length, 1);
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 1);
  // Its last minutes pass, and the endpoint is still down.
  await until(() => run(() => (__clock.advance(1e4), ChatHub.controller.state === 'failed')), 'failed');
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 0);
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  // It is back: so is the chat, when the visitor is.
  world.replies.splice(0, 1, fromClock(run, 3600));
  await run(() => (__clock.advance(36e5, true), document.dispatchEvent(new Event('visibilitychange'))));
  await state('ready');
});

each('04 the network returns: a back-off ends at once', async ({ world, clocked, run, state }) => {
  world.replies.push([503, {}, '']);
  await clocked(`<script>Math.random = () => 0.999</script>` + loader());
  await until(() => run(() => __clock.fetches === 2 && __clock.pending().some((ms) => ms < 2e3)), 'a pending back-off');
  world.replies.splice(0, 1, undefined);
  await run(() => void dispatchEvent(new Event('online')));
  await state('ready');
  assert.equal(await run(() => __clock.fetches), 3);
});

each('26 a module that runs before there is a body waits for it', async ({ world, page, run, state, evals }) => {
  let finish;
  // Served piece by piece: the runtime has run before the rest of the page comes.
  world.site.routes['/'] = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.write(`<!doctype html><html lang="en"><head><title>t</title>${loader({ async: '' })}`);
    finish = () => response.end('</head><body><h1>late</h1></body></html>');
  };
  const opened = page.goto(world.site.origin + '/');
  await until(() => run(() => window.ChatHub && new Promise((done) => setTimeout(() => done(!document.body)))).catch(() => false), 'the runtime, and no body');
  finish();
  await opened;
  await state('ready');
  assert.equal((await evals()).length, 1);
});
