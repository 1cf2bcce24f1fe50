import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { createSSRApp, h as vh } from 'vue';
import { renderToString as vueToString } from 'vue/server-renderer';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { assert, each, loader, until } from './harness.mjs';
import { test } from 'node:test';

const JS = { 'content-type': 'text/javascript' };
const OPTIONS = "{ endpoint: '/token', src: '/widget.js', load: 'eager' }";

/** Bundles an application as people write it, in development mode, where frameworks warn. */
const app = async (contents) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)), loader: 'js' },
    bundle: true,
    format: 'esm',
    write: false,
    external: ['/runtime.js'],
    define: { 'process.env.NODE_ENV': '"development"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true' },
    logLevel: 'error',
  });
  return [200, JS, outputFiles[0].text];
};
const APP = '<script type="module" src="/app.js"></script>';
const NOISE = /react devtools|development build of Vue/i;

const serious = (problems) => problems.filter((text) => !NOISE.test(text));

const REACT_APP = `const App = () => h('main', null, h('h1', null, 'Hello'), h('p', null, 'text'));`;

each('22 React hydrates without a warning, with the chat already there', async ({ world, open, state, run, until: poll, problems }) => {
  const html = renderToString(h('main', null, h('h1', null, 'Hello'), h('p', null, 'text')));
  world.site.routes['/app.js'] = await app(`
    import { createElement as h } from 'react'; import { hydrateRoot } from 'react-dom/client'; ${REACT_APP}
    window.hydrate = () => hydrateRoot(document.getElementById('root'), h(App), { onRecoverableError: (e) => console.error(e) });`);
  await open(`<div id="root">${html}</div>${loader()}${APP}`);
  await state('ready');
  await poll(() => !!window.hydrate);
  await run(() => void hydrate());
  await run(() => new Promise((done) => setTimeout(done, 200)));
  assert.deepEqual(serious(problems), []);
  assert.equal(await run(() => document.getElementById('root').innerHTML), html);
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 1);
});

each('22 React hydrates a contact link of its own without a warning, with the chat already there', async ({ world, open, state, run, until: poll, contactVisible, problems }) => {
  const App = "() => h('p', null, h('a', { 'data-chathub-contact': '', href: 'mailto:help@example.com' }, 'Write to us'))";
  const html = renderToString(new Function('h', `return (${App})()`)(h));
  world.site.routes['/app.js'] = await app(`
    import { createElement as h } from 'react'; import { hydrateRoot } from 'react-dom/client';
    window.hydrate = () => hydrateRoot(document.getElementById('root'), h(${App}), { onRecoverableError: (e) => console.error(e) });`);
  await open(`<div id="root">${html}</div>${loader()}${APP}`);
  await state('ready');
  assert.equal(await contactVisible(), undefined);
  await poll(() => !!window.hydrate);
  await run(() => void hydrate());
  await run(() => new Promise((done) => setTimeout(done, 200)));
  assert.deepEqual(serious(problems), []);
  assert.equal(await run(() => document.getElementById('root').innerHTML), html);
});

each('22 React hydrates the whole document without a warning', async ({ world, page, state, run, until: poll, problems }) => {
  const tag = { type: 'module', src: '/runtime.js', 'data-chathub': '', 'data-endpoint': '/token', 'data-src': '/widget.js', 'data-load': 'eager' };
  const Page = () =>
    h('html', { lang: 'en' }, h('head', null, h('title', null, 't')), h('body', null, h('h1', null, 'Hello'), h('script', tag), h('script', { type: 'module', src: '/app.js' })));
  world.site.routes['/app.js'] = await app(`
    import { createElement as h } from 'react'; import { hydrateRoot } from 'react-dom/client';
    const Page = ${Page.toString().replaceAll(/\btag\b/g, JSON.stringify(tag))};
    window.hydrate = () => hydrateRoot(document, h(Page), { onRecoverableError: (e) => console.error(e) });`);
  world.site.routes['/'] = [200, { 'content-type': 'text/html' }, '<!doctype html>' + renderToString(h(Page))];
  await page.goto(world.site.origin + '/');
  await state('ready');
  await poll(() => !!window.hydrate);
  await run(() => void hydrate());
  await run(() => new Promise((done) => setTimeout(done, 200)));
  assert.deepEqual(serious(problems), []);
  await state('ready');
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 1);
});

each('22 Vue hydrates without a warning, with the chat already there', async ({ world, open, state, run, until: poll, problems }) => {
  const render = () => [vh('h1', 'Hello'), vh('p', 'text')];
  const html = await vueToString(createSSRApp({ render: () => vh('main', render()) }));
  world.site.routes['/app.js'] = await app(`
    import { createSSRApp, h } from 'vue';
    window.hydrate = () => createSSRApp({ render: () => h('main', [h('h1', 'Hello'), h('p', 'text')]) }).mount('#app');`);
  await open(`<div id="app">${html}</div>${loader()}${APP}`);
  await state('ready');
  await poll(() => !!window.hydrate);
  await run(() => void hydrate());
  await run(() => new Promise((done) => setTimeout(done, 200)));
  assert.deepEqual(serious(problems), []);
  assert.equal(await run(() => document.getElementById('app').innerHTML), html);
});

each('23 React StrictMode: one request, one evaluation; unmounting ends it', async ({ world, open, state, run, until: poll, evals, problems }) => {
  world.site.routes['/app.js'] = await app(`
    import { createElement as h, StrictMode, useEffect } from 'react'; import { createRoot } from 'react-dom/client';
    import { mount } from '/runtime.js';
    const Chat = () => { useEffect(() => { window.__effects = (window.__effects ?? 0) + 1; return mount(${OPTIONS}); }, []); return null; };
    window.root = createRoot(document.getElementById('root'));
    window.root.render(h(StrictMode, null, h(Chat), h('p', null, 'text')));`);
  await open(`<div id="root"></div>${APP}`);
  await state('ready');
  assert.equal(await run(() => window.__effects), 2);
  await run(() => new Promise((done) => setTimeout(done, 250)));
  await state('ready');
  assert.equal(world.asked().length, 1);
  assert.equal((await evals()).length, 1);
  assert.equal(await run(() => document.querySelectorAll('#root .widget, #root [role]').length), 0);
  await run(() => window.root.unmount());
  await state('destroyed');
  await poll(() => !document.querySelector('.widget, chathub-box, [id^=operator-chat-panel-script]'));
  assert.deepEqual(serious(problems), []);
});

each('23 Vue: two components share the chat, the last one to leave ends it', async ({ world, open, state, run, until: poll, evals, problems }) => {
  world.site.routes['/app.js'] = await app(`
    import { createApp, h, onMounted, onUnmounted, reactive } from 'vue'; import { mount } from '/runtime.js';
    const Chat = { setup() { let off; onMounted(() => (off = mount(${OPTIONS}))); onUnmounted(() => off()); return () => null; } };
    window.shown = reactive({ one: true, two: true });
    createApp({ render: () => [shown.one && h(Chat, { key: 1 }), shown.two && h(Chat, { key: 2 }), h('p', 'text')] }).mount('#app');`);
  await open(`<div id="app"></div>${APP}`);
  await state('ready');
  await run(() => void (shown.one = false));
  await run(() => new Promise((done) => setTimeout(done, 250)));
  await state('ready');
  // Leaving and coming back at once, as a route change does.
  await run(async () => {
    shown.two = false;
    await Promise.resolve();
    shown.one = true;
  });
  await run(() => new Promise((done) => setTimeout(done, 250)));
  assert.equal((await evals()).length, 1);
  assert.equal(world.asked().length, 1);
  await run(() => void (shown.one = false));
  await state('destroyed');
  await poll(() => !document.querySelector('.widget'));
  assert.deepEqual(serious(problems), []);
});

each('18 routing inside an application: 20 routes, one live instance', async ({ world, open, state, run, until: poll, evals, problems }) => {
  world.site.routes['/app.js'] = await app(`
    import { createApp, h, ref } from 'vue';
    const route = ref(0);
    window.go = (n) => (history.pushState({}, '', '/route-' + n), (route.value = n));
    createApp({ render: () => h('main', { key: route.value }, [h('h1', 'route ' + route.value), h('p', 'text')]) }).mount('#app');`);
  await open(`<div id="app"></div>${loader()}${APP}`);
  await state('ready');
  await poll(() => !!window.go);
  for (let n = 1; n <= 20; n++) {
    await run((n) => void go(n), n);
    await until(() => run((n) => document.querySelector('h1').textContent === 'route ' + n, n), `route ${n}`);
  }
  await state('ready');
  assert.equal((await evals()).length, 1);
  assert.equal(world.asked().length, 1);
  assert.equal(await run(() => document.querySelectorAll('.widget').length), 1);
  assert.deepEqual(serious(problems), []);
});

each('23 Angular: two components share the chat, the last one to leave ends it', async ({ world, open, state, run, until: poll, evals, problems }) => {
  world.site.routes['/app.js'] = [200, JS, await readFile(new URL('angular/app.js', import.meta.url))];
  await open(`<app-root></app-root>${APP}`);
  await state('ready');
  await run(() => app.one.set(false));
  await poll(() => document.querySelectorAll('app-chat').length === 1);
  await run(() => new Promise((done) => setTimeout(done, 250)));
  await state('ready');
  // Leaving and coming back at once, as a route change does.
  const gone = await run(async () => {
    app.two.set(false);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const gone = !document.querySelector('app-chat');
    app.two.set(true);
    return gone;
  });
  assert.ok(gone, 'Angular took it out in between');
  await poll(() => document.querySelectorAll('app-chat').length === 1);
  await run(() => new Promise((done) => setTimeout(done, 250)));
  assert.equal((await evals()).length, 1);
  assert.equal(world.asked().length, 1);
  assert.equal(await run(() => document.querySelectorAll('app-root .widget, app-root [role]').length), 0);
  await run(() => app.two.set(false));
  await state('destroyed');
  await poll(() => !document.querySelector('.widget, chathub-box, [id^=operator-chat-panel-script]'));
  assert.deepEqual(serious(problems), []);
});

each('11 getToken in place of an endpoint', async ({ world, open, state, run, evals }) => {
  await open('<p>text</p>');
  await run(async () => {
    const { init } = await import('/runtime.js');
    const asked = (window.__asked = []);
    init({
      src: '/widget.js',
      load: 'eager',
      org: 'a',
      getToken: async (org, signal) => {
        asked.push([org, signal.aborted]);
        return { token: (await (await fetch('/token')).json()).token };
      },
    });
  });
  await state('ready');
  assert.deepEqual(await run(() => window.__asked), [['a', false]]);
  assert.deepEqual((await evals()).map((e) => e.token), world.tokens);
  // A rejection with a status is read like an HTTP status.
  await run(() => ChatHub.init({ org: 'b', load: 'eager', getToken: () => Promise.reject(Object.assign(new Error('no'), { status: 403 })) }));
  await state('failed');
});

test('24 importing it on a server touches no window', () => {
  const code = `
    for (const name of ['window', 'navigator', 'location', 'addEventListener'])
      Object.defineProperty(globalThis, name, { get() { throw new Error('touched ' + name); } });
    const { init, mount } = await import(${JSON.stringify(new URL('../dist/runtime.js', import.meta.url).href)});
    console.log(typeof init, typeof mount);`;
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }), 'function function\n');
});
