// Visitors who come back to a site with a service worker: the worker keeps the old pages, then the site is deployed with a chat. They get
// it, and offline the pages are there. With the list that the worker goes by as it was, they do not.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chathub } from './binary.mjs';
import { assert, each, until } from './harness.mjs';
import { TYPES, fileFor } from './fixtures.mjs';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** The sites, where their generators write, their workers, and what those go by. */
const SITES = [
  { name: 'angular', output: 'dist', worker: 'ngsw-worker.js', list: 'ngsw.json' },
  { name: 'vite-pwa', output: 'dist', worker: 'sw.js', list: 'sw.js' },
  { name: 'sveltekit', output: 'build', worker: 'service-worker.js', list: 'service-worker.js' },
];

/** Serves what is deployed, and nothing while the visitor is offline. */
const host = ({ site }) => {
  const host = { folder: '', isDown: false };
  site.routes['*'] = async (request, response, url) => {
    if (host.isDown) return request.socket.destroy();
    const file = fileFor(host.folder, decodeURIComponent(url.pathname));
    const body = file && (await readFile(file));
    response.writeHead(body ? 200 : 404, { 'content-type': TYPES[extname(file ?? '').slice(1)] ?? 'application/octet-stream', 'cache-control': 'no-cache' }).end(body);
  };
  return host;
};

/** Deploys a fixture as its generator wrote it, opens it, and waits until its worker has all that it keeps. */
const installed = async ({ t, world, page, run }, { name, output, worker }) => {
  const work = await mkdtemp(join(tmpdir(), 'chathub-worker-'));
  t.after(() => rm(work, { recursive: true, force: true }));
  const deployed = host(world);
  deployed.folder = join(FIXTURES, name, output);
  await page.goto(world.site.origin + '/');
  await run(async (worker) => {
    await navigator.serviceWorker.register('/' + worker);
    await navigator.serviceWorker.ready;
  }, worker);
  // Controlled by it, and from what it keeps: the site is not asked.
  const kept = async () => {
    world.site.log.length = 0;
    await page.goto(world.site.origin + '/');
    return (await run(() => !!navigator.serviceWorker.controller)) && !world.site.log.some(({ path }) => path === '/');
  };
  await until(kept, 'the worker serves the page');
  assert.equal(await run(() => !!document.querySelector('[data-chathub]')), false);
  return { work, deployed };
};

/** Injects into a copy with these arguments, and deploys that. */
const deploy = async ({ world }, { name, output }, { work, deployed }, args = []) => {
  const folder = join(work, 'injected');
  await cp(join(FIXTURES, name, output), folder, { recursive: true });
  const own = ['-c', join(FIXTURES, name, 'chathub.toml'), '--endpoint', '/token', '--widget-src', world.site.origin + '/widget.js', '--load', 'eager'];
  const ran = chathub(['inject', ...own, folder], { cwd: work, env: args });
  assert.equal(await ran.ended, 0, ran.said);
  deployed.folder = folder;
  return ran.said;
};

/** Asks for the worker's update, as browsers do by themselves when a page is opened; Angular's worker looks for new pages, too, as it else does later. */
const update = ({ run }, { name }) =>
  run(async (isAngular) => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    const worker = navigator.serviceWorker.controller;
    if (!isAngular || !worker) return;
    const nonce = Math.floor(Math.random() * 1e9);
    await new Promise((done) => {
      navigator.serviceWorker.addEventListener('message', ({ data }) => data.type === 'OPERATION_COMPLETED' && data.nonce === nonce && done());
      worker.postMessage({ action: 'CHECK_FOR_UPDATES', nonce });
    });
  }, name === 'angular');

/** Whether the visitor's next page has a chat. */
const hasChat = async ({ world, page, run }, site) => {
  await update({ run }, site);
  await page.goto(world.site.origin + '/');
  return run(() => !!document.querySelector('script[data-chathub]'));
};

for (const site of SITES) {
  each(
    `a visitor who comes back to a site of ${site.name} has the chat, and the pages offline`,
    async (helpers) => {
      const { world, page, run, state } = helpers;
      const there = await installed(helpers, site);
      const said = await deploy(helpers, site, there);
      assert.ok(said.includes(`wrote ${site.list}: `), said);
      await until(() => hasChat(helpers, site), 'the chat');
      await state('ready');
      there.deployed.isDown = true;
      for (const path of ['/', '/shop', '/about']) {
        const response = await page.goto(world.site.origin + path + (site.name === 'vite-pwa' && path !== '/' ? '/' : ''));
        assert.equal(response.status(), 200, path);
        assert.ok(response.fromServiceWorker(), path);
        assert.ok(await run(() => !!document.querySelector('h1') && !!document.querySelector('script[data-chathub]')), path);
      }
    },
    ['chromium'],
  );

  each(
    `with the list as it was, a visitor who comes back to a site of ${site.name} has no chat`,
    async (helpers) => {
      const { world, run } = helpers;
      const there = await installed(helpers, site);
      const said = await deploy(helpers, site, there, { CHATHUB_DERIVED_MANIFESTS: 'report' });
      assert.ok(said.includes(`${site.list}: it `), said);
      // The worker has asked for the list, and for nothing after it has come to its end; then the visitor comes back as often as he likes.
      for (let visit = 0; visit < 5; visit++) {
        world.site.log.length = 0;
        assert.equal(await hasChat(helpers, site), false);
        await until(() => world.site.log.some(({ path }) => path === '/' + site.list || path === '/' + site.worker), 'the worker looks for an update');
      }
      assert.equal(await run(() => !!document.querySelector('h1')), true);
    },
    ['chromium'],
  );
}
