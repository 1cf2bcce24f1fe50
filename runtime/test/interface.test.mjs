// What pages do with the interface: too early, too late, wrongly, again and again; and what visitors do meanwhile.
import { readFile } from 'node:fs/promises';
import { assert, counts, each, fromClock, loader, prerender, until, CONTACT, ONE } from './harness.mjs';

const JS = { 'content-type': 'text/javascript' };
const OPTIONS = { endpoint: '/token', src: '/widget.js', load: 'eager' };
const settle = (run) => run(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100)));
const fire = (run, name, detail) => run((name, detail) => void document.dispatchEvent(new CustomEvent(name, { detail })), name, detail);
/** Imports the runtime on a page without a loader tag. */
const imported = (run) => run(async () => void (await import('/runtime.js')));
/** A page's content is replaced as by a navigation library that swaps the body. */
const swap = (run, html) =>
  run((html) => {
    const body = document.createElement('body');
    body.innerHTML = html;
    document.documentElement.replaceChild(body, document.body);
  }, html);
/** A widget with something to write in, and a greeting that the visitor can dismiss. */
const WIDGET = `(window.__evals ??= []).push({});
const make = (tag, id, text) => document.body.appendChild(Object.assign(document.createElement(tag), { id, className: id, textContent: text }));
const panel = make('div', 'widget', 'chat');
panel.append(document.createElement('textarea'));
const greeting = make('button', 'greeting', 'Hello!');
greeting.onclick = () => greeting.remove();`;

each('11 without an endpoint the one of the table is asked, wherever the page is', async ({ world, page, open, run, state }) => {
  world.site.routes['/api/chathub/token'] = world.site.routes['/token'];
  await page.goto(world.page(loader().replace('data-endpoint="/token"', ''), { path: '/shop/boots/' }));
  await state('ready');
  await page.goto(world.page('', { path: '/shop/' }));
  await imported(run);
  await run(() => void ChatHub.init({ src: '/widget.js', load: 'eager' }));
  await state('ready');
  const paths = world.site.log.map(({ path }) => path);
  assert.equal(paths.filter((path) => path === '/api/chathub/token').length, 2);
  assert.ok(!paths.some((path) => path.includes('undefined')), String(paths));
});

each('11 calls that come before the runtime are made when it is there, and those after at once', async ({ open, run, state }) => {
  await open(
    `<script>window.ChatHub = []; window.__calls = []; ChatHub.push((hub) => __calls.push(['early', typeof hub.init])); ChatHub.push((hub) => hub.ready.then((c) => __calls.push(['ready', c.state])))</script>` +
      loader(),
  );
  await state('ready');
  await run(() => ChatHub.push((hub) => __calls.push(['late', hub === ChatHub])));
  assert.deepEqual(await run(() => __calls), [['early', 'function'], ['ready', 'ready'], ['late', true]]);
});

each('26 imported in the head before the rest has come, the tag in the body is found, and init waits for the body', async ({ world, page, run, state }) => {
  for (const [script, body] of [
    [`import '/runtime.js'`, loader()],
    [`import { init } from '/runtime.js'; init(${JSON.stringify(OPTIONS)})`, ''],
  ]) {
    let finish;
    world.site.routes['/'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      response.write(`<!doctype html><html lang="en"><head><title>t</title><script type="module" async>${script}</script>`);
      finish = () => response.end(`</head><body><h1>late</h1>${body}</body></html>`);
    };
    const opened = page.goto(world.site.origin + '/');
    await until(() => run(() => window.ChatHub && new Promise((done) => setTimeout(() => done(!document.body)))).catch(() => false), 'the runtime, and no body');
    finish();
    await opened;
    await state('ready');
    assert.deepEqual(await run(counts), ONE);
  }
});

each('30 texts that cannot be read leave the built-in ones, the chat and the contact', async ({ world, open, run, state, contactVisible }) => {
  for (const texts of ['{"failed":', '"words"', 'null', '7']) {
    world.replies.splice(0, 1, undefined);
    await open(loader({ 'data-texts': texts }));
    await state('ready');
    world.replies.splice(0, 1, [404, {}, '']);
    await open(loader({ 'data-texts': texts, 'data-contact': 'mailto:help@example.com' }));
    await until(async () => (await contactVisible()) === 'mailto:help@example.com', `the contact with ${texts}`);
    assert.equal(await run(() => __box('[role=status]').textContent), 'Chat unavailable');
  }
});

each('26 a selector that is none, or finds nothing, keeps nobody from the chat', async ({ page, open, state }) => {
  for (const target of ['##', '#nowhere', '']) {
    await open(loader({ 'data-load': 'visible', 'data-target': target }));
    await state('ready');
    await open(loader({ 'data-load': 'interaction', 'data-target': target }));
    await state('waiting');
    await page.mouse.click(5, 5);
    await state('ready');
  }
});

each('23 mounting and unmounting fifty times leaves listeners and observers flat', async ({ open, run, state }) => {
  await open(
    // The chat ends a moment after it was let go of; the moment may be short, since there is nobody who mounts it again.
    `<script>const later = setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms === 100 ? 1 : ms, ...a);
    window.__held = { listeners: 0, observers: 0 };
    for (const target of [window, document, document.documentElement, EventTarget.prototype]) { const { addEventListener: add, removeEventListener: remove } = target;
      const known = new Set(); const ids = new WeakMap(); let next = 0; const id = (f) => ids.get(f) ?? (ids.set(f, ++next), next);
      target.addEventListener = function (name, f, o) { if (f && !(o?.signal)) { const key = [name, id(f), !!(o?.capture ?? o)] + ''; if (!known.has(key)) { known.add(key); __held.listeners++; } } return add.call(this, name, f, o); };
      target.removeEventListener = function (name, f, o) { if (f && known.delete([name, id(f), !!(o?.capture ?? o)] + '')) __held.listeners--; return remove.call(this, name, f, o); }; }
    for (const name of ['MutationObserver', 'IntersectionObserver', 'ResizeObserver']) { const Real = window[name];
      window[name] = class extends Real { observe(...a) { if (!this.on) { this.on = true; __held.observers++; } return super.observe(...a); } disconnect() { if (this.on) { this.on = false; __held.observers--; } return super.disconnect(); } }; }</script><p id="target">text</p>`,
  );
  await imported(run);
  const after = (times, load) =>
    run(
      async (times, load) => {
        for (let n = 0; n < times; n++) {
          const unmount = ChatHub.mount({ endpoint: '/token', src: '/widget.js', load, target: '#target' });
          await new Promise((done) => setTimeout(done));
          unmount();
          await new Promise((done) => {
            const look = () => (ChatHub.controller.state === 'destroyed' ? done() : setTimeout(look));
            look();
          });
        }
        return { ...__held };
      },
      times,
      load,
    );
  for (const load of ['manual', 'visible', 'interaction', 'idle']) {
    const few = await after(3, load);
    assert.deepEqual(await after(47, load), few, load);
  }
});

each('26 a trigger that a later init has replaced is forgotten, and its own counts', async ({ world, page, open, run, state }) => {
  await open('<p>text</p>');
  await imported(run);
  const init = (load) => run((load) => void ChatHub.init({ endpoint: '/token', src: '/widget.js', load }), load);
  await init('interaction');
  await state('waiting');
  await init('manual');
  await page.mouse.click(5, 5);
  await settle(run);
  assert.equal(world.asked().length, 0);
  await init('eager');
  await state('ready');
});

each('26 visible watches what the navigation has brought', async ({ world, open, run, state }) => {
  const html = '<div style="height:3000px"></div><div id="foot">foot</div>' + loader({ 'data-load': 'visible', 'data-target': '#foot' });
  await open(html);
  await state('waiting');
  await swap(run, html);
  await settle(run);
  assert.equal(world.asked().length, 0);
  await run(() => document.getElementById('foot').scrollIntoView());
  await state('ready');
});

each('34 a greeting that the visitor has dismissed stays away after navigations', async ({ world, open, run, state }) => {
  world.site.routes['/widget.js'] = [200, JS, WIDGET];
  await open('<h1>one</h1>' + loader());
  await state('ready');
  await run(() => document.querySelector('.greeting').click());
  assert.equal(await run(() => document.querySelector('.greeting')), null);
  for (const title of ['two', 'three']) {
    await swap(run, `<h1>${title}</h1>` + loader());
    await until(() => run(() => document.querySelectorAll('.widget').length === 1));
    await settle(run);
    assert.deepEqual(await run(counts), ONE);
    assert.equal(await run(() => document.querySelector('.greeting')), null, title);
  }
});

each('23 an application that unmounts, changes the page and mounts again within a moment has one panel', async ({ open, run, state }) => {
  await open('<h1>one</h1>');
  await imported(run);
  await run((options) => void (window.__unmount = ChatHub.mount(options)), OPTIONS);
  await state('ready');
  for (let n = 0; n < 3; n++) {
    await run(
      async (options, n) => {
        const task = () => new Promise((done) => setTimeout(done));
        __unmount();
        await task();
        const body = document.createElement('body');
        body.innerHTML = `<h1>page ${n}</h1>`;
        document.body.replaceWith(body);
        await task();
        window.__unmount = ChatHub.mount(options);
      },
      OPTIONS,
      n,
    );
    await until(() => run(() => document.querySelectorAll('.widget').length === 1));
    // Longer than an unmounted chat is kept.
    await run(() => new Promise((done) => setTimeout(done, 150)));
    await state('ready');
    assert.deepEqual(await run(() => [document.querySelectorAll('.widget').length, document.querySelectorAll('[id^=operator-chat-panel-script]').length]), [1, 1]);
  }
});

/** Lets time pass in steps until the runtime asks for a token, which none of them hurries then. */
const untilAsked = (run) =>
  run(async () => {
    const { fetches } = __clock;
    for (let n = 0; n < 720 && __clock.fetches === fetches; n++) {
      __clock.advance(5e3);
      await new Promise((done) => setTimeout(done));
    }
  });

/** The refresh of a token of an hour, with what keeps it waiting. */
const due = async (world, clocked, run, state) => {
  world.site.routes['/widget.js'] = [200, JS, WIDGET];
  world.replies.push(fromClock(run, 3600));
  await clocked(loader());
  await state('ready');
  return run(() => __clock.pending().filter((ms) => ms > 6e4)[0]);
};

each('12 a visitor who writes keeps the draft and the focus: the refresh waits, but not past the end of the token', async ({ world, page, clocked, run, state, evals }) => {
  const delay = await due(world, clocked, run, state);
  await page.focus('textarea');
  await page.keyboard.type('Hello');
  await run((delay) => __clock.advance(delay), delay);
  const wait = async () => {
    await until(() => run(() => __clock.pending().some((ms) => ms > 2e4 && ms <= 3e4)), 'the refresh is put off');
    assert.deepEqual([(await evals()).length, await run(() => document.querySelector('textarea:focus')?.value)], [1, 'Hello']);
  };
  await wait();
  await run(() => __clock.advance(3e4));
  await wait();
  // Until a minute before the end.
  await untilAsked(run);
  await until(async () => (await evals()).length === 2, 'the refresh');
  await state('ready');
  // The visitor has finished.
  const next = await run(() => __clock.pending().filter((ms) => ms > 6e4)[0]);
  await page.focus('textarea');
  await run((next) => __clock.advance(next), next);
  await until(() => run(() => __clock.pending().some((ms) => ms > 2e4 && ms <= 3e4)), 'the refresh is put off');
  await run(() => (document.activeElement.blur(), __clock.advance(3e4)));
  await until(async () => (await evals()).length === 3);
});

each('12 the page may put a refresh off, as long as the token allows it', async ({ world, clocked, run, state, evals }) => {
  const delay = await due(world, clocked, run, state);
  await run(() => {
    window.__asked = 0;
    window.__busy = true;
    document.addEventListener('chathub:beforerefresh', (event) => (__asked++, __busy && event.preventDefault()));
  });
  await run((delay) => __clock.advance(delay), delay);
  await until(() => run(() => window.__asked === 1));
  await run(() => __clock.advance(3e4));
  await until(() => run(() => window.__asked === 2));
  assert.equal((await evals()).length, 1);
  await run(() => (window.__busy = false));
  await run(() => __clock.advance(3e4));
  await until(async () => (await evals()).length === 2);
  // For ever it may not.
  await run(() => (window.__busy = true));
  await untilAsked(run);
  await until(async () => (await evals()).length === 3, 'the refresh');
});

each('32 something that takes our box out again and again does not make a loop of it', async ({ world, open, run, state }) => {
  world.replies.push([404, {}, '']);
  await open(
    `<script>window.__boxes = 0; new MutationObserver(() => { const box = document.querySelector('chathub-box'); if (box) __boxes++, box.remove(); }).observe(document, { childList: true, subtree: true })</script>` +
      loader({ 'data-contact': 'mailto:help@example.com' }),
  );
  await state('failed');
  await until(() => run(() => window.__boxes));
  const count = (frames) =>
    run(async (frames) => {
      for (let n = 0; n < frames; n++) await new Promise((done) => setTimeout(() => requestAnimationFrame(done), 10));
      return window.__boxes;
    }, frames);
  await count(20);
  assert.ok((await count(40)) <= 4, 'a few at most');
});

each('11 in a frame of about:srcdoc the chat has the address of the page around it', async ({ world, open, run }) => {
  await open('<iframe></iframe>');
  await run((html) => void (document.querySelector('iframe').srcdoc = html), '<!doctype html><title>t</title>' + loader());
  await until(() => run(() => frames[0].ChatHub?.controller.state === 'ready'), 'ready in the frame');
  assert.deepEqual(world.asked().map(({ path, search }) => path + search), ['/token']);
  assert.equal(await run(() => frames[0].document.querySelectorAll('.widget').length), 1);
});

each('25 load() before consent is not forgotten', async ({ world, open, run, state }) => {
  await open(loader({ 'data-load': 'manual', 'data-consent': 'given' }));
  await until(() => run(() => window.ChatHub));
  await run(() => ChatHub.controller.load());
  await settle(run);
  assert.equal(world.asked().length, 0);
  await fire(run, 'given');
  await state('ready');
});

each(
  '21 load() in a page that is prerendered is not forgotten',
  async ({ world, open, run }) => {
    // The page reports by itself: the driver does not see it.
    const reports = [];
    world.site.routes['/report'] = (_, response, url) => (reports.push(url.search), response.writeHead(204).end());
    world.site.routes['/report.js'] = [
      200,
      JS,
      `const report = (what) => fetch('/report?' + what + document.prerendering);
      document.addEventListener('chathub:ready', () => report('ready'));
      ChatHub.controller.load();
      report('loaded');`,
    ];
    const headers = { 'cache-control': 'no-cache' };
    world.page(loader({ 'data-load': 'manual' }) + '<script type="module" src="/report.js"></script>', { path: '/next', headers });
    const go = await prerender({ world, open, run }, headers);
    await until(() => reports.length, 'a report from the prerendered page');
    assert.deepEqual(reports, ['?loadedtrue']);
    assert.equal(world.asked().length, 0);
    go();
    await until(() => reports.length === 2, 'a report from the activated page');
    assert.equal(reports[1], '?readyfalse');
    assert.equal(world.asked().length, 1);
  },
  ['chromium'],
);

each('19 document.open: the chat goes on in what is written, and still wakes', async ({ world, clocked, run, state, evals }) => {
  await clocked('<h1>one</h1>' + loader());
  await state('ready');
  await run(
    (html) => {
      document.open();
      document.write(html);
      document.close();
    },
    '<!doctype html><html lang="en"><head><title>two</title></head><body><h1>two</h1>' + loader() + '</body></html>',
  );
  await until(() => run(() => document.querySelectorAll('.widget').length === 1));
  await settle(run);
  await state('ready');
  const before = (await evals()).length;
  assert.deepEqual(await run(counts), { ...ONE, evaluations: before });
  await run(() => (__clock.advance(23.5 * 36e5, true), document.dispatchEvent(new Event('visibilitychange'))));
  await until(async () => (await evals()).length === before + 1, 'awake');
  await state('ready');
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 1);
  assert.ok(world.asked().length <= 3);
});
