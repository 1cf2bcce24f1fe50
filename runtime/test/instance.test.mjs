import { assert, each, jwt, loader, until, CONTACT, TAG_ID } from './harness.mjs';

const MANUAL = loader({ 'data-load': 'manual' });
const JS = { 'content-type': 'text/javascript' };
const scripts = () => document.querySelectorAll('[id^=operator-chat-panel-script]').length;
const panels = () => document.querySelectorAll('.widget').length;

/** Makes the widget's script wait for `release`. */
const holdWidget = (world) => {
  const [, , body] = world.site.routes['/widget.js'];
  const held = [];
  world.site.routes['/widget.js'] = (request, response) => held.push(() => response.writeHead(200, { ...JS, 'cache-control': 'no-store' }).end(body));
  return { held, release: () => held.splice(0).forEach((answer) => answer()) };
};

each('11 any number of inits, copies and refreshes: one script, one widget', async ({ world, open, state, run, evals }) => {
  await open(loader() + loader() + loader({ src: '/copy.js' }));
  await state('ready');
  await run(async () => {
    const copy = await import('/copy.js');
    const own = await import('/runtime.js');
    const options = { endpoint: '/token', src: '/widget.js', load: 'eager' };
    const all = [copy.init(options), own.init(options), ChatHub.init(options)];
    if (new Set(all).size !== 1) throw new Error('several controllers');
    if (ChatHub !== window[Symbol.for('chathub.runtime.v1')]) throw new Error('several registries');
    await Promise.all(all.map((c) => c.refresh()));
    await all[0].refresh();
  });
  assert.equal((await evals()).length, 2);
  assert.equal(world.asked().length, 2);
  assert.deepEqual([await run(scripts), await run(panels)], [1, 1]);
});

each('only a script of HTML is a loader tag', async ({ world, open, state, evals }) => {
  const other = loader({ 'data-org': 'other' });
  const marked = ['div', 'link', 'template'].map((name) => other.replaceAll('script', name)).join('');
  await open(`<svg>${other}</svg><math>${other}</math>${marked}${loader({ 'data-org': 'own' })}`);
  await state('ready');
  assert.deepEqual(world.asked().map((r) => r.search), ['?org=own']);
  assert.equal((await evals()).length, 1);
});

each('12 a refresh evaluates the widget again with the new token, after taking out the old one', async ({ world, open, state, run, evals }) => {
  await open(loader() + '<p id="ours">page</p>');
  await state('ready');
  await run(() => {
    window.__refreshed = [];
    document.addEventListener('chathub:refresh', (e) => __refreshed.push(e.detail));
    document.body.append(Object.assign(document.createElement('div'), { id: 'theirs' }));
    return ChatHub.controller.refresh();
  });
  assert.deepEqual((await evals()).map((e) => e.token), world.tokens);
  assert.equal(new Set((await evals()).map((e) => e.fragment)).size, 2);
  assert.deepEqual([await run(scripts), await run(panels)], [1, 1]);
  assert.equal(await run(() => document.querySelector('.widget').textContent), 'chat 2');
  assert.ok(await run(() => !!document.getElementById('ours') && !!document.getElementById('theirs')));
  assert.equal(await run(() => JSON.stringify(__refreshed)), '[{}]');
});

each('12 attribute refresh: the same tag, the new token', async ({ world, open, state, run, evals }) => {
  await open(loader({ 'data-refresh': 'attribute' }));
  await state('ready');
  await run(() => ChatHub.controller.refresh());
  assert.equal((await evals()).length, 1);
  assert.equal(await run((id) => document.getElementById(id).getAttribute('token'), TAG_ID), world.tokens[1]);
});

each('13 destroy during a pending load waits for it', async ({ world, open, run, evals }) => {
  const { held, release } = holdWidget(world);
  await open(loader());
  await until(() => held.length);
  await run(() => void (window.__ended = ChatHub.controller.destroy().then(() => 'ended')));
  assert.equal(await run(() => ChatHub.controller.state), 'destroyed');
  release();
  assert.equal(await run(() => window.__ended), 'ended');
  assert.equal((await evals()).length, 1);
  assert.deepEqual([await run(scripts), await run(panels)], [0, 0]);
  assert.equal(await run(() => document.querySelectorAll('chathub-box').length), 0);
});

each('13 refresh during a pending load waits for it', async ({ world, open, state, run, evals }) => {
  const { held, release } = holdWidget(world);
  await open(loader());
  await until(() => held.length);
  await run(() => {
    window.__done = 0;
    for (let n = 0; n < 3; n++) ChatHub.controller.refresh().then(() => window.__done++);
  });
  assert.equal(await run(() => window.__done), 0);
  release();
  await until(() => run(() => window.__done === 3));
  await state('ready');
  assert.deepEqual((await evals()).map((e) => e.token), world.tokens);
  assert.equal(world.tokens.length, 1);
  assert.deepEqual([await run(scripts), await run(panels)], [1, 1]);
});

each('14 organizations A, B, A: the last wins, late replies are dropped', async ({ world, open, state, run, evals }) => {
  const waiting = [];
  world.replies.push((request, response, url) => new Promise((answer) => waiting.push({ org: url.searchParams.get('org'), answer })));
  await open(loader({ 'data-org': 'a' }));
  await until(() => waiting.length === 1);
  await run(() => void ChatHub.controller.setOrg('b'));
  await until(() => waiting.length === 2);
  await run(() => void ChatHub.controller.setOrg('a'));
  await until(() => waiting.length === 3);
  assert.deepEqual(waiting.map((w) => w.org), ['a', 'b', 'a']);
  const last = jwt({ last: true });
  waiting[2].answer({ token: last });
  await state('ready');
  waiting[1].answer(undefined);
  waiting[0].answer(undefined);
  await run(() => new Promise((done) => setTimeout(done, 100)));
  assert.deepEqual((await evals()).map((e) => e.token), [last]);
  assert.deepEqual([await run(scripts), await run(panels)], [1, 1]);
});

each('14 a switch while the widget loads', async ({ world, open, state, run, evals }) => {
  const { held, release } = holdWidget(world);
  await open(loader({ 'data-org': 'a' }));
  await until(() => held.length);
  await run(() => (void ChatHub.controller.setOrg('b'), void ChatHub.controller.setOrg('c')));
  release();
  await until(async () => (release(), (await evals()).length === 2));
  await state('ready');
  assert.equal((await evals())[1].token, world.tokens.at(-1));
  assert.deepEqual(world.asked().map((r) => r.search), ['?org=a', '?org=c']);
  assert.deepEqual([await run(scripts), await run(panels)], [1, 1]);
});

each('15 a widget that throws is not ready', async ({ world, open, state, run, contactVisible }) => {
  world.site.routes['/widget.js'] = [200, JS, 'document.body.append(Object.assign(document.createElement("div"), { className: "widget" })); throw new Error("boom");'];
  await open(loader() + CONTACT);
  await state('failed');
  assert.deepEqual([await run(scripts), await run(panels)], [0, 0]);
  assert.equal(await contactVisible(), 'mailto:help@example.com');
});

each('15 an error of another script does not count', async ({ world, open, state, run }) => {
  world.site.routes['/other.js'] = [200, JS, 'throw new Error("not the widget")'];
  const { held, release } = holdWidget(world);
  await open(loader());
  await until(() => held.length);
  await run(
    () =>
      new Promise((done) => {
        const other = document.createElement('script');
        other.src = '/other.js';
        other.onload = done;
        document.head.append(other);
      }),
  );
  release();
  await state('ready');
});

each('16 a failed script load is tried again', async ({ world, open, state, evals }) => {
  const [, , body] = world.site.routes['/widget.js'];
  let count = 0;
  world.site.routes['/widget.js'] = (request, response) => (count++ ? response.writeHead(200, JS).end(body) : response.writeHead(503, JS).end());
  await open(loader());
  await state('ready');
  assert.equal((await evals()).length, 1);
  assert.equal(world.asked().length, 1);
});

each('16 a script that never loads: failed, contact', async ({ world, clocked, run, contactVisible }) => {
  world.site.routes['/widget.js'] = [404, JS, ''];
  await clocked(loader() + CONTACT);
  await until(() => run(() => (__clock.advance(1000), ChatHub.controller.state === 'failed')), 'failed');
  assert.equal(world.asked().length, 1);
  assert.equal(await run(scripts), 0);
  assert.equal(await contactVisible(), 'mailto:help@example.com');
});

each('16 a refresh whose script never loads: the widget is gone, so failed and contact', async ({ world, clocked, state, run, contactVisible }) => {
  await clocked(loader() + CONTACT);
  await state('ready');
  world.site.routes['/widget.js'] = [404, JS, ''];
  await run(() => void ChatHub.controller.refresh());
  await until(() => run(() => (__clock.advance(1000), ChatHub.controller.state === 'failed')), 'failed');
  assert.deepEqual([await run(scripts), await run(panels)], [0, 0]);
  assert.equal(await contactVisible(), 'mailto:help@example.com');
  assert.equal(world.asked().length, 2);
});

each('17 a chooser for several organizations, one live widget', async ({ world, page, open, state, run, evals }) => {
  await open(loader({ 'data-orgs': 'sales support', 'data-texts': JSON.stringify({ orgs: { sales: 'Sales team' } }) }));
  await state('waiting');
  assert.equal(world.asked().length, 0);
  // All but the last, which closes the box.
  const buttons = () => run(() => [...__box().querySelectorAll('button')].slice(0, -1).map((b) => [b.textContent, b.getAttribute('aria-pressed')]));
  await until(() => run(() => !!__box?.()));
  assert.deepEqual(await buttons(), [['Sales team', 'false'], ['support', 'false']]);
  assert.ok(await run(() => __box().getAttribute('aria-label')));
  // By keyboard.
  await run(() => __box('button').focus());
  await page.keyboard.press('Enter');
  await state('ready');
  await until(async () => (await evals()).length === 1);
  await page.keyboard.press('Tab');
  await page.keyboard.press(' ');
  await until(async () => (await evals()).length === 2);
  await state('ready');
  assert.deepEqual(await buttons(), [['Sales team', 'false'], ['support', 'true']]);
  assert.equal(await run(() => __box('button:focus').textContent), 'support');
  assert.deepEqual(world.asked().map((r) => r.search), ['?org=sales', '?org=support']);
  assert.deepEqual([await run(scripts), await run(panels)], [1, 1]);
});

each('25 no request before the consent event; withdrawal destroys', async ({ world, open, state, run }) => {
  await open(loader({ 'data-consent': 'consent:given' }));
  await until(() => run(() => window.ChatHub));
  await run(() => ChatHub.controller.load());
  assert.equal(await run(() => ChatHub.controller.state), 'idle');
  assert.equal(world.asked().length, 0);
  await run(() => document.dispatchEvent(new CustomEvent('consent:given')));
  await state('ready');
  await run(() => document.dispatchEvent(new CustomEvent('consent:given', { detail: false })));
  await state('destroyed');
  await until(() => run(() => !document.querySelector('.widget, [id^=operator-chat-panel-script]')));
  await run(() => document.dispatchEvent(new CustomEvent('consent:given')));
  await state('ready');
});

each('25 a tag of type text/plain does nothing until it is activated', async ({ world, open, state, run }) => {
  await open(loader({ type: 'text/plain', 'data-category': 'functional', 'data-type': 'module' }).replace(' type="module"', '') + CONTACT);
  await run(() => new Promise((done) => setTimeout(done, 50)));
  assert.ok(!world.site.log.some((r) => ['/token', '/runtime.js'].includes(r.path)));
  // As orestbida/cookieconsent does it.
  await run(() => {
    const inert = document.querySelector('script[data-category]');
    const script = document.createElement('script');
    for (const { name, value } of inert.attributes) if (!['type', 'data-type'].includes(name)) script.setAttribute(name, value);
    script.type = inert.dataset.type;
    inert.replaceWith(script);
  });
  await state('ready');
});

each('26 manual waits for load()', async ({ world, open, state, run }) => {
  await open(MANUAL);
  await state('waiting');
  assert.equal(world.asked().length, 0);
  await run(() => ChatHub.controller.load());
  await state('ready');
});

each('26 idle waits for the load event', async ({ world, page, state, run }) => {
  let finish;
  world.site.routes['/slow.png'] = (request, response) => (finish = () => response.writeHead(404).end());
  const url = world.page(loader({ 'data-load': 'idle' }) + '<img src="/slow.png" alt="">');
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await state('waiting');
  assert.equal(world.asked().length, 0);
  await until(() => finish);
  finish();
  await state('ready');
});

each('26 interaction waits for the visitor', async ({ world, page, open, state }) => {
  await open(loader({ 'data-load': 'interaction' }) + '<p>text</p>');
  await state('waiting');
  assert.equal(world.asked().length, 0);
  await page.mouse.click(5, 5);
  await state('ready');
});

each('26 visible waits for its target', async ({ world, open, state, run }) => {
  await open('<div style="height:3000px"></div><div id="foot">foot</div>' + loader({ 'data-load': 'visible', 'data-target': '#foot' }));
  await state('waiting');
  await run(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.equal(world.asked().length, 0);
  await run(() => document.getElementById('foot').scrollIntoView());
  await state('ready');
});

each('26 a visitor who saves data is waited for', async ({ world, page, open, state }) => {
  await open(`<script>Object.defineProperty(navigator, 'connection', { value: { saveData: true } })</script>` + loader());
  await state('waiting');
  assert.equal(world.asked().length, 0);
  await page.mouse.click(5, 5);
  await state('ready');
});
