// What the runtime costs a page, as far as it can be counted, in Chromium, which has the instruments. What takes time is measured by
// `npm run measure`.
import { readFile } from 'node:fs/promises';
import { KINDS, measure } from '../scripts/measure.mjs';
import { assert, each, loader, until, CONTACT } from './harness.mjs';

const only = ['chromium'];

each('budget: before its moment, one request: the runtime itself', async ({ t, world, page, open, run }) => {
  const elsewhere = [];
  page.on('request', (request) => request.url().startsWith(world.site.origin) || elsewhere.push(request.url()));
  await open(loader({ 'data-load': 'manual' }) + loader({ 'data-consent': 'given' }));
  await run(() => new Promise((done) => setTimeout(done, 300)));
  const asked = world.site.log.map((r) => r.path).filter((path) => path !== '/favicon.ico');
  t.diagnostic(`budget: requests before the trigger: ${asked.length - 1} of 1, to third parties: ${elsewhere.length} of 0`);
  assert.deepEqual(asked, ['/', '/runtime.js']);
  assert.deepEqual(elsewhere, []);
});

each(
  'budget: no layout shift, through loading, chat, and failure',
  async ({ t, world, open, state, run }) => {
    await open(
      `<script>window.__shift = 0; new PerformanceObserver((l) => l.getEntries().forEach((e) => (window.__shift += e.value))).observe({ type: 'layout-shift', buffered: true })</script>
      <h1>Title</h1>${CONTACT}<p>${'text '.repeat(300)}</p>${loader({ 'data-orgs': 'a b', 'data-org': 'a' })}`,
    );
    await state('ready');
    world.replies.push([401, {}, '']);
    await run(() => ChatHub.controller.refresh());
    await state('failed');
    await run(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const before = await run(() => window.__shift);
    // What the box says of itself, too, from nothing to a slow chat, and to none.
    let answer;
    world.replies.splice(0, 9, () => new Promise((done) => (answer = done)));
    await open(`<script>window.__shift = 0; new PerformanceObserver((l) => l.getEntries().forEach((e) => (window.__shift += e.value))).observe({ type: 'layout-shift', buffered: true })</script>
      <h1>Title</h1>${loader({ 'data-contact': 'mailto:help@example.com' })}`);
    for (const text of ['Chat…', 'Chat unavailable']) {
      await until(() => run((text) => !!__box?.('a') && __box('[role=status]').textContent === text, text), text);
      await run(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      answer([404, {}, '']);
    }
    const shift = before + (await run(() => window.__shift));
    t.diagnostic(`budget: cumulative layout shift: ${shift} of 0`);
    assert.equal(shift, 0);
  },
  only,
);

each(
  'budget: 50 navigations leave listeners and nodes flat',
  async ({ t, world, page, run, state }) => {
    const body = (n) => loader() + CONTACT + `<h1>page ${n}</h1><a href="/p${(n + 1) % 2}">next</a>`;
    world.site.routes['/turbo.js'] = [200, { 'content-type': 'text/javascript' }, await readFile(new URL('../node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js', import.meta.url))];
    for (const n of [0, 1]) world.page(body(n), { path: `/p${n}`, head: '<script src="/turbo.js"></script>', headers: { 'cache-control': 'max-age=60' } });
    await page.goto(world.site.origin + '/p0');
    await state('ready');
    const session = await page.createCDPSession();
    await session.send('Performance.enable');
    const measure = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      return Object.fromEntries(metrics.filter(({ name }) => ['Nodes', 'JSEventListeners'].includes(name)).map(({ name, value }) => [name, value]));
    };
    let early;
    for (let n = 1; n <= 50; n++) {
      await run(() => document.querySelector('a[href^="/p"]').click());
      await until(() => run((n) => document.querySelector('h1')?.textContent === `page ${n % 2}` && document.querySelectorAll('.widget').length === 1, n), `page ${n}`);
      if (n === 26) early = await measure();
    }
    // A collection may leave what a later one takes; what leaks, none does.
    let late;
    const flat = async () => {
      late = await measure();
      return late.JSEventListeners <= early.JSEventListeners + 2 && late.Nodes <= early.Nodes * 1.1;
    };
    await until(flat, 'listeners and nodes are flat').catch((error) => assert.fail(`${error.message}: ${JSON.stringify({ early, late })}`));
    t.diagnostic(`budget: from the 26th to the 50th navigation: listeners ${early.JSEventListeners} → ${late.JSEventListeners}, nodes ${early.Nodes} → ${late.Nodes}`);
    assert.equal(await run(() => __evals.length), 1);
  },
  only,
);

each(
  "budget: requests, listeners, nodes and shifts beside the vendor's bare tag",
  async ({ t, browser }) => {
    const found = await measure(browser, 1, { rate: 1 });
    const [none, bare, idle, interaction] = Object.keys(KINDS).map((kind) => found[kind][0]);
    for (const { shift } of [none, bare, idle, interaction]) assert.equal(shift, 0);
    // The runtime itself and, when its moment has come, the token; on a network that takes two seconds, the two files that say so.
    assert.equal(interaction.requests, none.requests + 1);
    assert.ok(idle.requests >= bare.requests + 2 && idle.requests <= bare.requests + 4, `${idle.requests} requests, ${bare.requests} of the bare tag`);
    // A tag for each of them but the token.
    assert.equal(interaction.nodes, none.nodes + 1);
    assert.equal(idle.nodes, bare.nodes + (idle.requests - bare.requests) - 1);
    const added = Math.max(interaction.listeners - none.listeners, idle.listeners - bare.listeners);
    t.diagnostic(`budget: listeners more than the vendor's bare tag: ${added} of 24`);
    assert.ok(added <= 24, `${added} listeners`);
  },
  only,
);
