// Libraries that change pages without loading them, on a site that the real binary has injected: pages of two organizations, and
// some without a chat. Whatever a library swaps, the chat is the page's own.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chathub } from './binary.mjs';
import { assert, counts, each, until } from './harness.mjs';

const module = (file) => readFile(new URL(`../node_modules/${file}`, import.meta.url), 'utf8');

/** Astro's router as Astro itself has built it, for the site in fixtures/. */
const ASTRO = new URL('../../fixtures/astro/dist/_astro/', import.meta.url);
const [astroRouter] = (await readdir(ASTRO)).filter((name) => name.startsWith('ClientRouter'));

/** Each library: its files, what the body and links need, what starts it, and which part of the page it swaps; or what its pages' head has. */
const LIBRARIES = {
  'Turbo, which swaps the body': { files: ['@hotwired/turbo/dist/turbo.es2017-umd.js'] },
  'htmx 2, boosted': { files: ['htmx2/dist/htmx.js'], body: 'hx-boost="true"' },
  'htmx 2, a container': { files: ['htmx2/dist/htmx.js'], body: 'hx-boost="true" hx-target="#main" hx-select="#main" hx-swap="outerHTML"' },
  swup: { files: ['swup/dist/Swup.umd.js'], start: "new Swup({ animationSelector: false, containers: ['#main'] })" },
  barba: { files: ['@barba/core/dist/barba.umd.js'], start: "barba.init({ transitions: [{ name: 'none', leave() {}, enter() {} }] })" },
  Unpoly: { files: ['unpoly/unpoly.js'], link: 'up-follow up-target="#main"' },
  'Alpine AJAX': { files: ['@imacrayon/alpine-ajax/dist/cdn.min.js', 'alpinejs/dist/cdn.min.js'], link: 'x-target.push="main"', body: 'x-data' },
  'Astro ClientRouter': {
    head: '<meta name="astro-view-transitions-enabled" content="true"><script type="module" src="/router.js"></script>',
    router: await readFile(new URL(astroRouter, ASTRO)),
  },
  'a router that renders in the browser': {
    start: `addEventListener('click', (event) => {
      const link = event.target.closest('a');
      if (!link) return;
      event.preventDefault();
      history.pushState({}, '', link.href);
      document.querySelector('h1').textContent = location.pathname;
      link.href = { '/': '/shop/', '/shop/': '/internal/', '/internal/': '/docs/', '/docs/': '/' }[location.pathname];
    })`,
  },
};

const PAGES = { '/': '/shop/', '/shop/': '/internal/', '/internal/': '/docs/', '/docs/': '/' };
/** What each page must have. */
const ORGANIZATION = { '/': 'support', '/shop/': 'sales', '/internal/': undefined, '/docs/': 'support' };

const CONFIG = `site = "site"
default-organization = "support"
[organizations.support]
id = 6
[organizations.sales]
id = 24
[[rules]]
match = "shop/"
organization = "sales"
[[rules]]
match = "internal/"
widget = false
`;

/** Writes the site, has it injected, and serves it. */
const injectedSite = async ({ site }, t, { files = [], body = '', link = '', start = '', head = '', router = '' }, position) => {
  const work = await mkdtemp(join(tmpdir(), 'chathub-routers-'));
  t.after(() => rm(work, { recursive: true, force: true }));
  const scripts = files.map((_, n) => `<script defer src="/lib${n}.js"></script>`).join('') + (start && '<script defer src="/start.js"></script>');
  for (const [n, file] of files.entries()) site.routes[`/lib${n}.js`] = [200, { 'content-type': 'text/javascript' }, await module(file)];
  site.routes['/router.js'] = [200, { 'content-type': 'text/javascript' }, router];
  site.routes['/start.js'] = [200, { 'content-type': 'text/javascript' }, start];
  for (const [path, next] of Object.entries(PAGES)) {
    const file = join(work, 'site', path, 'index.html');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${path}</title>${scripts}${head}</head><body ${body} data-barba="wrapper">` +
        `<main id="main" class="transition-main" data-barba="container" data-barba-namespace="p"><h1>${path}</h1><a id="next" href="${next}" ${link}>next</a></main></body></html>`,
    );
  }
  await writeFile(join(work, 'chathub.toml'), CONFIG);
  const options = ['--endpoint', '/token', '--widget-src', site.origin + '/widget.js', '--load', 'eager', '--position', position];
  for (const command of ['inject', 'verify']) {
    const run = chathub([command, '--quiet', ...options], { cwd: work });
    assert.equal(await run.ended, 0, run.said);
  }
  site.routes['*'] = async (request, response, url) => {
    const file = join(work, 'site', url.pathname.endsWith('/') ? url.pathname + 'index.html' : url.pathname);
    const type = file.endsWith('.js') ? 'text/javascript' : file.endsWith('.json') ? 'application/json' : 'text/html; charset=utf-8';
    const content = await readFile(file).catch(() => null);
    response.writeHead(content ? 200 : 404, { 'content-type': type }).end(content ?? 'not here');
  };
  return site.origin;
};

/** The organization of the widget that is in the page; runs there. */
const organization = () => {
  const tags = [...document.querySelectorAll('[id^=operator-chat-panel-script]')];
  const panels = document.querySelectorAll('.widget').length;
  if (tags.length !== panels || panels > 1) return `${tags.length} scripts, ${panels} panels`;
  return tags[0] ? JSON.parse(atob(tags[0].getAttribute('token').split('.')[1])).org : 'none';
};

for (const [name, library] of Object.entries(LIBRARIES))
  for (const position of ['body-end', 'head-end'])
    each(`18 ${name}, ${position}: 20 navigations, always the chat of the page`, async ({ t, world, page, run, state }) => {
      const origin = await injectedSite(world, t, library, position);
      await page.goto(origin + '/');
      await state('ready');
      await run(() => void (window.__alive = true));
      let path = '/';
      for (let n = 1; n <= 20; n++) {
        path = PAGES[path];
        await until(
          () =>
            run(
              (path, n) => {
                // Turbo shows a copy of a page that it has seen, and then the page itself, which is another body.
                const underway = document.documentElement.matches('[aria-busy="true"], [data-turbo-preview]');
                if (location.pathname === path && document.querySelector('h1').textContent === path) return !underway;
                // Its own link, once the library has taken it over: before that it would load the page. And once: some make an entry
                // in the history for each click.
                if (window.__clicked === n || document.querySelector('.htmx-added, .htmx-settling, .htmx-request') || window.barba?.transitions.isRunning) return;
                const link = document.querySelector(`#next[href="${path}"]`);
                if (!link) return;
                window.__clicked = n;
                link.click();
              },
              path,
              n,
            ),
          `navigation ${n} to ${path}`,
        );
        const wanted = ORGANIZATION[path] ?? 'none';
        await until(async () => (await run(organization)) === wanted, `${wanted} at navigation ${n} to ${path}`);
        await state(wanted === 'none' ? 'destroyed' : 'ready');
        // And so it stays.
        await run(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 50)));
        assert.equal(await run(organization), wanted, `navigation ${n} to ${path}`);
      }
      assert.equal(await run(() => window.__alive), true, 'no page was loaded in between');
      assert.equal((await run(counts)).scripts, 1);
      // Back, too, even where the library loads the page for that.
      await run(() => history.back());
      await until(async () => (await run(() => location.pathname).catch(() => '')) === '/docs/' && (await run(organization).catch(() => '')) === 'support', 'back');
    });
