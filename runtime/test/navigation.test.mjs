// Libraries that change pages without loading them: the real packages, twenty navigations each. The routers of site generators
// are in sites.test.mjs.
import { readFile } from 'node:fs/promises';
import { injectPages } from './fixtures.mjs';
import { assert, counts, each, loader, until, CONTACT, MORE, MORE_PATH, ONE } from './harness.mjs';

const JS = { 'content-type': 'text/javascript' };
const TOKEN = /eyJ[\w-]+\.[\w-]+\.s{43}/;
// Counts what is registered on window and document, to see whether it grows.
const COUNTER = `<script>(() => { let count = 0; window.__listeners = () => count;
  for (const target of [window, document]) { const { addEventListener: add, removeEventListener: remove } = target;
    target.addEventListener = function (...a) { if (!a[2]?.once) count++; return add.apply(this, a); };
    target.removeEventListener = function (...a) { if (!a[2]?.once) count--; return remove.apply(this, a); }; } })()</script>`;

const LIBRARIES = {
  // Its bar for slow visits would count among the nodes.
  Turbo: { file: '@hotwired/turbo/dist/turbo.es2017-umd.js', start: '(Turbo.config.drive.progressBarDelay = 2 ** 31 - 1)' },
  'htmx 2 boost': { file: 'htmx2/dist/htmx.js', body: 'hx-boost="true"' },
  'htmx 4 boost': { file: 'htmx.org/dist/htmx.js', body: 'hx-boost:inherited="true"' },
  swup: { file: 'swup/dist/Swup.umd.js', start: 'new Swup({ animationSelector: false })' },
  barba: {
    file: '@barba/core/dist/barba.umd.js',
    start: "barba.init({ transitions: [{ name: 'none', leave() {}, enter() {} }] })",
  },
};

/** Writes the pages 0…n of a site that uses one library; `tags` are their loader tags. */
const makeSite = async (world, { file, body = '', start }, tags) => {
  world.site.routes['/lib.js'] = [200, JS, await readFile(new URL(`../node_modules/${file}`, import.meta.url))];
  if (start) world.site.routes['/start.js'] = [200, JS, `addEventListener('DOMContentLoaded', () => ${start})`];
  tags.forEach((tag, n) => {
    const next = (n + 1) % tags.length;
    world.site.routes[`/p${n}`] = [
      200,
      { 'content-type': 'text/html; charset=utf-8' },
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>page ${n}</title>${COUNTER}<script src="/lib.js"></script>${start ? '<script src="/start.js"></script>' : ''}</head>` +
        `<body ${body} data-barba="wrapper"><main id="swup" class="transition-main" data-barba="container" data-barba-namespace="p"><h1>page ${n}</h1><a id="next" href="/p${next}">next</a></main>${tag}</body></html>`,
    ];
  });
  return world.site.origin + '/p0';
};

for (const [name, library] of Object.entries(LIBRARIES)) {
  each(`18 ${name}: 20 navigations, one live instance, nothing grows`, async ({ world, page, run, state }) => {
    await page.goto(await makeSite(world, library, [0, 1, 2].map(() => loader() + CONTACT)));
    await state('ready');
    let flat;
    for (let n = 1; n <= 20; n++) {
      await run(() => document.getElementById('next').click());
      await until(() => run((n) => document.querySelector('h1')?.textContent === `page ${n % 3}` && location.pathname === `/p${n % 3}`, n), `page ${n}`);
      await until(() => run(() => document.querySelectorAll('.widget').length === 1), 'the widget in the new page');
      // htmx makes new links its own a moment later, and Turbo shows a bar while a page takes long.
      await until(() => run(() => !document.querySelector('.htmx-added, .htmx-settling, .turbo-progress-bar')));
      const now = [await run(() => __listeners()), await run(() => document.querySelectorAll('*').length)];
      if (n === 5) flat = now;
      if (n === 20) assert.deepEqual(now, flat);
    }
    assert.deepEqual(await run(counts), ONE);
    assert.equal(world.asked().length, 1);
    // Back: from the library's own snapshot, if it keeps one.
    await run(() => history.back());
    await until(() => run(() => document.querySelector('h1')?.textContent === 'page 1'));
    await until(() => run(() => document.querySelectorAll('.widget').length === 1));
    await run(() => new Promise((done) => setTimeout(done, 250)));
    assert.deepEqual(await run(counts), ONE);
    await state('ready');
    // A refresh still finds everything.
    await run(() => ChatHub.controller.refresh());
    assert.deepEqual(await run(counts), { ...ONE, evaluations: 2 });
  });

  if (/Turbo|htmx/.test(name))
    each(`18 ${name}: pages of other organizations, and without a chat`, async ({ world, page, run, state, evals }) => {
      await page.goto(await makeSite(world, library, [loader({ 'data-org': 'a' }), loader({ 'data-org': 'b' }), '', loader({ 'data-org': 'a' })]));
      await state('ready');
      // A click before htmx has taken the new page's link over is an ordinary navigation.
      const taken = () => !window.htmx?.version.startsWith('2') || document.getElementById('next')['htmx-internal-data']?.boosted;
      const go = async (n) => {
        await until(() => run(taken));
        await run(() => document.getElementById('next').click());
        await until(() => run((n) => document.querySelector('h1')?.textContent === `page ${n}`, n), `page ${n}`);
      };
      await go(1);
      await until(async () => (await evals()).length === 2);
      await state('ready');
      assert.deepEqual(await run(counts), { ...ONE, evaluations: 2 });
      await go(2);
      await state('destroyed');
      await until(() => run(() => !document.querySelector('.widget, chathub-box, [id^=operator-chat-panel-script]')));
      await go(3);
      await state('ready');
      assert.deepEqual(await run(counts), { ...ONE, evaluations: 3 });
      assert.deepEqual(world.asked().map((r) => r.search), ['?org=a', '?org=b', '?org=a']);
    });
}

each('18 a widget that adds nothing we can follow is evaluated again', async ({ world, page, run, state, evals }) => {
  world.site.routes['/widget.js'] = [200, JS, "(window.__evals ??= []).push({ token: document.getElementById('operator-chat-panel-script').getAttribute('token') })"];
  await page.goto(await makeSite(world, LIBRARIES.Turbo, [loader(), loader()]));
  await state('ready');
  await run(() => document.getElementById('next').click());
  await until(async () => (await evals()).length === 2);
  await state('ready');
  assert.deepEqual((await evals()).map((e) => e.token), [world.tokens[0], world.tokens[0]]);
  assert.equal(world.asked().length, 1);
});

for (const name of ['Turbo', 'htmx 2 boost'])
  each(`10 ${name}: no token and no widget in page snapshots`, async ({ world, page, run, state }) => {
    await page.goto(await makeSite(world, LIBRARIES[name], [loader(), loader()]));
    await state('ready');
    for (const n of [1, 0, 1]) {
      await run(() => document.getElementById('next').click());
      await until(() => run((n) => document.querySelector('h1')?.textContent === `page ${n}`, n));
      // A preview is the kept page itself, shown until the new one comes.
      const between = '.htmx-added, .htmx-settling, [data-turbo-preview]';
      await until(() => run((between) => document.querySelectorAll('.widget').length === 1 && !document.querySelector(between), between));
    }
    const kept = await run(() => {
      const parts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), JSON.stringify(history.state)];
      for (const snapshot of Object.values(window.Turbo?.navigator?.view?.snapshotCache?.snapshots ?? {}))
        parts.push(snapshot.element.outerHTML, Object.keys(snapshot.headSnapshot.detailsByOuterHTML).join());
      return parts.join('\n');
    });
    assert.match(kept, /page 0/, 'snapshots were found');
    assert.doesNotMatch(kept, TOKEN);
    assert.doesNotMatch(kept, /class="widget"/);
    assert.doesNotMatch(kept, /operator-chat-panel-script/);
  });

each('18 where only directives and rules of folders tell pages apart, the route file that is always written leads the chat', async ({ t, world, page, run, state }) => {
  const html = (head = '') => `<!doctype html><html lang="en"><head><title>x</title>${head}</head><body><p>Some text.</p></body></html>`;
  const pages = {
    'index.html': html(),
    'shop/index.html': html(),
    'shop/.chathub.toml': '[[rules]]\nwidget = false\n',
    'about.html': html(),
    'off.html': html('<meta name="chathub" content="off">'),
  };
  const config = 'default-organization = "support"\n[placeholder]\nroute-file = "always"\n[organizations.support]\nid = 6\n';
  await injectPages(pages, config, world, t);
  await page.goto(`${world.site.origin}/index.html`);
  await state('ready');
  // A router that renders in the browser: no page is fetched.
  for (const [path, org] of [['/shop/'], ['/', 'support'], ['/off'], ['/about', 'support'], ['/shop/index.html'], ['/about.html', 'support']]) {
    await run((path) => history.pushState({}, '', path), path);
    await until(() => !org || world.asked().at(-1).search === `?org=${org}`, `${path}: ${org}`);
    await state(org ? 'ready' : 'destroyed');
    const { scripts, panels } = await run(counts);
    assert.deepEqual([scripts, panels], org ? [1, 1] : [0, 0], path);
  }
});

each('18 an end that comes while the route file is on its way holds', async ({ world, open, run, state }) => {
  let answer;
  world.site.routes['/routes.json'] = (_, response) => (answer = () => response.end('{"chathub":"routes","options":[{"org":"b"}],"routes":{"/*":0}}'));
  await open(loader({ 'data-org': 'a', 'data-routes': '' }));
  await state('ready');
  await run(() => history.pushState({}, '', '/shop'));
  await until(() => answer, 'the route file is asked for');
  await run(() => void (window.__read = new Promise((done) => new PerformanceObserver(() => done()).observe({ type: 'resource' }))));
  await run(() => ChatHub.controller.destroy());
  answer();
  await run(() => __read);
  await run(() => new Promise((done) => setTimeout(() => setTimeout(done), 50)));
  assert.equal(await run(() => ChatHub.controller.state), 'destroyed');
  // And no page after that asks for it.
  const asked = () => world.site.log.filter(({ path }) => path === '/routes.json').length;
  await run(() => history.pushState({}, '', '/docs'));
  await run(() => new Promise((done) => setTimeout(() => setTimeout(done), 50)));
  assert.equal(asked(), 1);
  assert.equal(world.asked().length, 1);
});

/** Goes on to another page as routers do that swap what is in the body: the loader tag comes along, if the page has one. */
const go = (run, path, tag) =>
  run(
    (path, tag) => {
      history.pushState({}, '', path);
      document.querySelector('main').innerHTML = `<h1>${path}</h1>${tag}`;
    },
    path,
    tag,
  );
const page = (tag) => `<main><h1>/</h1>${tag}</main>` + CONTACT;
const SALES = loader({ 'data-org': 'sales' });
const SUPPORT = loader({ 'data-org': 'support' });

/** How the second file may stay away. */
const AWAY = {
  'is not there': (_, response) => response.writeHead(404).end(),
  'breaks off': (_, response) => response.destroy(),
  'does not answer': () => {},
};

for (const [what, answer] of Object.entries(AWAY))
  each(`18 a second file that ${what}: no chat rather than that of the page before, and the right one once it comes`, async ({ world, clocked, run, state, evals, contactVisible }) => {
    const file = world.site.routes[MORE_PATH];
    const open = [];
    world.site.routes[MORE_PATH] = (request, response) => (open.push(response), answer(request, response));
    await clocked(page(SALES));
    await state('ready');
    await go(run, '/support', SUPPORT);
    await until(() => world.site.log.some(({ path }) => path === MORE_PATH), 'the second file is asked for');
    // As long as it may take, where nothing is heard of it.
    await run(() => __clock.advance(1e4));
    await state('destroyed');
    await until(() => run(() => !document.querySelector('.widget, [id^=operator-chat-panel-script]')));
    assert.equal(await contactVisible(), 'mailto:help@example.com');
    assert.equal(world.asked().length, 1);
    world.site.routes[MORE_PATH] = file;
    // A browser has several askers of one address wait for the first answer.
    open.forEach((response) => response.destroy());
    // Where the address is still being asked for from before, that answer is the new asker's as well: then the next occasion counts.
    const occasion = () => {
      const { state } = ChatHub.controller;
      if (state === 'destroyed') {
        __clock.advance(1e4);
        document.querySelector('h1').append('!');
      }
      return state === 'ready';
    };
    await until(() => run(occasion), 'the right chat');
    assert.deepEqual(world.asked().map(({ search }) => search), ['?org=sales', '?org=support']);
    assert.equal((await evals()).length, 2);
    // From here on it is there at once.
    await go(run, '/none', '');
    await state('destroyed');
    await go(run, '/sales', SALES);
    await state('ready');
    assert.equal(world.asked().at(-1).search, '?org=sales');
  });

each('18 a second file that cannot be had is not asked for again with every change of a busy page', async ({ world, clocked, run, state }) => {
  world.site.routes[MORE_PATH] = (_, response) => response.writeHead(404).end();
  await clocked(page(SALES));
  await state('ready');
  await go(run, '/support', SUPPORT);
  await state('destroyed');
  await run(async () => {
    for (let n = 0; n < 50; n++) {
      document.querySelector('h1').append(`${n}`);
      await new Promise((done) => setTimeout(done));
    }
  });
  assert.equal(world.site.log.filter(({ path }) => path === MORE_PATH).length, 1);
});

each('18 a chat that the page’s own code has started comes back, too, once the second file does', async ({ world, clocked, run, state }) => {
  const file = world.site.routes[MORE_PATH];
  world.site.routes[MORE_PATH] = (_, response) => response.writeHead(404).end();
  await clocked(page(''));
  await run(async () => void (await import('/runtime.js')).init({ endpoint: '/token', src: '/widget.js', load: 'eager', org: 'sales' }));
  await state('ready');
  await go(run, '/support', '');
  await state('destroyed');
  world.site.routes[MORE_PATH] = file;
  await run(() => (__clock.advance(1e4), void document.querySelector('h1').append('!')));
  await state('ready');
  assert.equal(world.asked().at(-1).search, '?org=sales');
});

each('18 what comes while the second file is on its way counts: the chat is that of the last page', async ({ world, open, run, state, evals }) => {
  let deliver;
  world.site.routes[MORE_PATH] = (_, response) => (deliver = () => response.writeHead(200, JS).end(MORE));
  await open(page(SALES));
  await state('ready');
  await go(run, '/support', SUPPORT);
  await until(() => deliver, 'the second file is asked for');
  await go(run, '/none', '');
  await go(run, '/last', loader({ 'data-org': 'last' }));
  deliver();
  await until(async () => (await evals()).length === 2);
  await state('ready');
  assert.deepEqual(world.asked().map(({ search }) => search), ['?org=sales', '?org=last']);
  assert.deepEqual(await run(counts), { ...ONE, evaluations: 2 });
});

each('25 a page that moves on before there is consent asks for nothing, and has its own chat once there is', async ({ world, open, run, state }) => {
  const consent = { 'data-consent': 'given' };
  await open(page(loader({ ...consent, 'data-org': 'sales' })));
  await until(() => run(() => window.ChatHub));
  const before = world.site.log.length;
  await go(run, '/support', loader({ ...consent, 'data-org': 'support' }));
  await run(() => void document.dispatchEvent(new Event('turbo:before-cache', { bubbles: true })));
  await run(() => new Promise((done) => setTimeout(() => setTimeout(done), 50)));
  const asked = world.site.log.slice(before).map(({ path }) => path);
  assert.deepEqual(asked.filter((path) => path !== '/favicon.ico'), []);
  await run(() => void document.dispatchEvent(new CustomEvent('given')));
  await state('ready');
  assert.deepEqual(world.asked().map(({ search }) => search), ['?org=support']);
  // And none where the page that it is given on has none.
  await open(page(loader({ ...consent, 'data-org': 'sales' })));
  await until(() => run(() => window.ChatHub));
  await go(run, '/none', '');
  await run(() => void document.dispatchEvent(new CustomEvent('given')));
  await until(() => run(() => ChatHub.controller.state === 'destroyed'));
  assert.equal(world.asked().length, 1);
});

each('23 an unmounted chat ends, even where the second file cannot be had', async ({ world, open, run, state }) => {
  world.site.routes[MORE_PATH] = (_, response) => response.writeHead(404).end();
  await open('');
  await run(async () => {
    const { mount } = await import('/runtime.js');
    window.__unmount = mount({ endpoint: '/token', src: '/widget.js', load: 'eager' });
  });
  await state('ready');
  await run(() => void __unmount());
  await state('destroyed');
});
