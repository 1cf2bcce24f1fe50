// Tabs that share a token, as examples/share-token.js has it.
import { readFile } from 'node:fs/promises';
import { assert, each, until } from './harness.mjs';

const EXAMPLE = await readFile(new URL('../../examples/share-token.js', import.meta.url));
/** Other tabs answer when they can: the test ends the wait itself, and then nobody has to be quick. */
const PATIENT = `<script>const real = setTimeout; window.setTimeout = (f, ms, ...a) => (ms === 50 ? (window.__giveUp = f) && 0 : real(f, ms, ...a))</script>`;
const PAGE = (org) => `<script type="module">import { init } from '/runtime.js'; import { getToken } from '/share-token.js';
  init({ org: ${JSON.stringify(org)}, getToken, src: '/widget.js', load: 'eager' })</script>`;

each('11 tabs share a token: as long as it is fresh, of the same organization, and the chat goes on', async ({ world, context, page, run, state }) => {
  world.site.routes['/share-token.js'] = [200, { 'content-type': 'text/javascript' }, EXAMPLE];
  world.site.routes['/api/chathub/token'] = world.site.routes['/token'];
  const asked = () => world.site.log.filter(({ path }) => path === '/api/chathub/token').map(({ search }) => search);
  const urls = Object.fromEntries(['a', 'b'].map((org) => [org, world.page(PAGE(org), { head: PATIENT, path: '/' + org })]));
  const ready = (tab) => until(() => tab.evaluate(() => window.ChatHub?.controller.state === 'ready').catch(() => false), 'ready');
  const alone = async (tab) => {
    await until(() => tab.evaluate(() => !!window.__giveUp).catch(() => false), 'it has asked the others');
    await tab.evaluate(() => __giveUp());
    await ready(tab);
  };
  const open = async (org) => {
    const tab = await context.newPage();
    await tab.goto(urls[org]);
    return tab;
  };

  // The first one finds nobody.
  await page.goto(urls.a);
  await alone(page);
  assert.deepEqual(asked(), ['?org=a']);
  // Twenty page views in another tab: it needs nobody to give up.
  const tab = await open('a');
  for (let n = 1; n < 20; n++) {
    await ready(tab);
    await tab.goto(urls.a);
  }
  await ready(tab);
  assert.deepEqual(asked(), ['?org=a']);
  assert.equal(await tab.evaluate(() => __evals[0].token), world.tokens[0]);
  // A token that is asked for anew is new.
  await run(() => ChatHub.controller.refresh());
  assert.deepEqual(asked(), ['?org=a', '?org=a']);
  // Another organization has one of its own.
  const other = await open('b');
  await alone(other);
  assert.deepEqual(asked(), ['?org=a', '?org=a', '?org=b']);
  // After the end of the chat nobody gets it.
  await run(() => ChatHub.controller.destroy());
  await tab.evaluate(() => ChatHub.controller.revoke());
  await state('destroyed');
  const late = await open('a');
  await alone(late);
  assert.deepEqual(asked(), ['?org=a', '?org=a', '?org=b', '?org=a']);
  // Nor one that is too old.
  const last = await context.newPage();
  await last.evaluateOnNewDocument(() => {
    const { now } = Date;
    Date.now = () => now() + 7e5;
  });
  await last.goto(urls.b);
  await alone(last);
  assert.equal(asked().length, 5);
});
