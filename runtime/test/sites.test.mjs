// Real sites, made by real generators and injected by the real binary: what their visitors get.
import { assert, counts, each, until, ONE } from './harness.mjs';
import { fixtures, injected } from './fixtures.mjs';

/** Errors of scripts that miss one that their fixture leaves out (see cargo xtask build-fixtures). */
const CRIPPLED = { doxygen: /\$ is not defined/, mdbook: /hljs/ };

/** Whether an error is of what cannot be had here: things on other hosts, and files that a fixture leaves out. */
const excused = (name, { text, url }, origin) => {
  // Chromium says so of everything, Firefox of fonts.
  const missing = url && /^Failed to load resource/.test(text) ? url : /^Error: downloadable font: .* source: (\S+)/.exec(text)?.[1];
  if (!missing) return CRIPPLED[name]?.test(text);
  const { origin: from, pathname } = new URL(missing);
  return from !== origin || !/^\/(chathub-assets\/|token$|widget\.js$)/.test(pathname);
};

for (const { name, pages } of await fixtures())
  each(`31 ${name}: one live chat, with its organization, and nothing on the console`, async ({ t, world, page, run, state, complaints }) => {
    await injected(name, world, t);
    // One page of each kind that has a chat: each organization, each thing that was there before.
    const kinds = new Map(pages.filter(({ action }) => /^(inject|update|deduplicate):/.test(action)).map((p) => [p.action, p]).reverse());
    assert.ok(kinds.size > 0);
    for (const { path, action } of kinds.values()) {
      world.site.log.length = complaints.length = 0;
      await page.goto(`${world.site.origin}/${path}`);
      await state('ready').catch((error) => assert.fail(`${path}: ${error.message}`));
      // Until all that the page's own scripts ask for is there, too.
      await page.waitForNetworkIdle({ idleTime: 100 });
      assert.deepEqual(await run(counts), ONE, path);
      assert.deepEqual(world.asked().map((request) => request.search), ['?org=' + action.split(':')[1]], path);
      assert.deepEqual(complaints.filter((complaint) => !excused(name, complaint, world.site.origin)), [], path);
    }
  });

// The routers of the generators that have one, by the links that a visitor would follow.
for (const name of ['docusaurus', 'vitepress', 'next'])
  each(`18 ${name}: 20 navigations by its own router, one live instance, always of the page's organization, nothing grows`, async ({ t, world, page, run, state }) => {
    await injected(name, world, t);
    await page.goto(world.site.origin + '/', { waitUntil: 'networkidle0' });
    await state('ready');
    await run(() => void (window.__alive = true));
    let flat;
    for (let n = 1; n <= 20; n++) {
      const shop = n % 2 === 1;
      await until(
        () =>
          run((shop) => {
            if (location.pathname.startsWith('/shop') === shop) return true;
            // Not those that the author wrote as bare HTML, which the router knows nothing of.
            document.querySelector(shop ? '.navbar__link[href="/shop"], a[href="/shop/"]' : 'a[href="/"]').click();
          }, shop),
        `navigation ${n}`,
      );
      await until(
        () =>
          run((wanted, evaluations) => {
            // A tag whose script has not run yet may stand beside the panel of the one before.
            if (!(window.__evals?.length >= evaluations)) return;
            const [tag, other] = document.querySelectorAll('[id^=operator-chat-panel-script]');
            return tag && !other && document.querySelectorAll('.widget').length === 1 && JSON.parse(atob(tag.getAttribute('token').split('.')[1])).org === wanted;
          }, shop ? 'sales' : 'support', n + 1),
        `the chat of navigation ${n}`,
      );
      await page.waitForNetworkIdle({ idleTime: 50 });
      // Not the head, into which routers write what they fetch ahead.
      const nodes = await run(() => document.querySelectorAll('html > *, body *').length);
      if (n === 10) flat = nodes;
      // One for each navigation would be ten more; the router itself may have one in passing.
      if (n === 20) assert.ok(nodes < flat + 10, `${flat} nodes, then ${nodes}`);
    }
    await state('ready');
    assert.deepEqual(await run(counts), { ...ONE, evaluations: 21 });
    assert.equal(world.asked().length, 21);
    assert.equal(await run(() => window.__alive), true, 'no page was loaded in between');
    await run(() => ChatHub.controller.refresh());
    assert.deepEqual(await run(counts), { ...ONE, evaluations: 22 });
  });

/** Follows a link, as Astro's router sees it. */
const follow = (path) => {
  const link = Object.assign(document.createElement('a'), { href: path });
  document.body.append(link);
  link.click();
};

each('18 Astro ClientRouter: 20 navigations, one live instance; a page without a chat has none', async ({ t, world, page, run, state }) => {
  await injected('astro', world, t, '[[rules]]\nmatch = "shop/"\nwidget = false\n');
  await page.goto(world.site.origin + '/', { waitUntil: 'networkidle0' });
  await state('ready');
  await run(() => void (window.__alive = true));
  const go = async (path) => {
    await run(follow, path);
    await until(() => run((path) => location.pathname === path && !document.querySelector(`body > a[href="${path}"]:last-child`), path), path);
  };
  let flat;
  for (let n = 1; n <= 20; n++) {
    await go(n % 2 ? '/docs/chat/' : '/');
    await until(() => run(() => document.querySelectorAll('.widget').length === 1), 'the widget in the new page');
    // It is there a moment before its script has ended, until when the chat may still be said to be on its way.
    await state('ready');
    assert.deepEqual(await run(counts), ONE);
    const nodes = await run(() => document.querySelectorAll('*').length);
    if (n === 10) flat = nodes;
    if (n === 20) assert.equal(nodes, flat);
  }
  assert.equal(world.asked().length, 1);
  await go('/shop/');
  await state('destroyed');
  await until(() => run(() => !document.querySelector('.widget, chathub-box, [id^=operator-chat-panel-script]')));
  await go('/');
  await state('ready');
  await until(() => run(() => document.querySelectorAll('.widget').length === 1));
  assert.deepEqual(await run(counts), { ...ONE, evaluations: 2 });
  assert.equal(await run(() => window.__alive), true, 'no page was loaded in between');
});

each('18 Astro ClientRouter: each page has the chat of its own organization', async ({ t, world, page, run, state }) => {
  await injected('astro', world, t);
  await page.goto(world.site.origin + '/', { waitUntil: 'networkidle0' });
  await state('ready');
  await run(() => void (window.__alive = true));
  for (let n = 1; n <= 6; n++) {
    await run(follow, n % 2 ? '/shop/' : '/');
    await until(() => run((n) => window.__evals.length === n + 1, n), `the chat of page ${n}`);
    await state('ready');
    assert.equal(world.asked().at(-1).search, '?org=' + (n % 2 ? 'sales' : 'support'));
    assert.equal(world.asked().length, n + 1);
    assert.deepEqual(await run(counts), { ...ONE, evaluations: n + 1 });
  }
  assert.equal(await run(() => window.__alive), true, 'no page was loaded in between');
});

each('28 the contact link of a real site is there without the runtime, and hidden with it', async ({ t, world, page, state, contactVisible }) => {
  await injected('demo', world, t, '[placeholder]\ncontact = "mailto:help@example.com"\ncontact-link = true\n');
  await page.goto(world.site.origin + '/shop/');
  await state('ready');
  assert.equal(await contactVisible(), undefined);
  const [asset] = world.site.log.filter(({ path }) => /runtime\.\w+\.js$/.test(path));
  world.site.routes[asset.path] = [404, {}, ''];
  const elsewhere = await page.browserContext().newPage();
  await elsewhere.goto(world.site.origin + '/?again', { waitUntil: 'networkidle0' });
  const link = await elsewhere.$('a[data-chathub-contact]');
  assert.ok(await link.isVisible());
  assert.equal(await link.evaluate((a) => a.href + a.textContent), 'mailto:help@example.comhelp@example.com');
});
