// `chathub preview` in a real browser: the binary, the runtime and the stand-in together.
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPANY, standInApi } from './api.mjs';
import { chathub } from './binary.mjs';
import { assert, each, until } from './harness.mjs';

const root = new URL('../../', import.meta.url).pathname;

/** Runs a preview of a copy of the demo site; `body` gets the address that it prints, and the folder. */
const preview = async (body, { args = [], env, config } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'chathub-preview-'));
  await cp(root + 'fixtures/demo', folder, { recursive: true });
  if (config) await writeFile(join(folder, 'chathub.toml'), config);
  const server = chathub(['preview', '--port', '0', ...args], { cwd: folder, env });
  try {
    const [, url] = await until(() => server.said.match(/(http:\S+)\s/));
    await body(url, folder);
  } finally {
    server.child.kill('SIGINT');
    assert.equal(await server.ended, 0);
    await rm(folder, { recursive: true, force: true });
  }
};

/** What the stand-in says: title, organization, what chose it, token, status. */
const panel = (page) =>
  page.evaluate(() => {
    const { shadowRoot } = document.querySelector('chathub-preview') ?? {};
    const text = (selector) => shadowRoot?.querySelector(selector)?.textContent;
    return { count: document.querySelectorAll('chathub-preview').length, title: text('summary'), rows: [...(shadowRoot?.querySelectorAll('dd') ?? [])].map((row) => row.textContent), status: text('[role=status]') };
  });

each('preview: the stand-in names organization and rule, renews its token, and follows changes', ({ page, problems, state }) =>
  preview(async (url, folder) => {
    await page.goto(url + 'shop/');
    await state('ready');
    const shown = await until(async () => {
      const now = await panel(page);
      return now.rows[2]?.includes('expires') && now;
    });
    assert.equal(shown.count, 1);
    assert.equal(shown.title, 'Chat with sales');
    assert.equal(shown.rows[0], 'sales');
    assert.match(shown.rows[1], /^match "shop\/\*\*"rule at chathub\.toml:\d+$/);
    assert.match(shown.rows[2], /^test-token-for-developmentfetched at .*, expires in \d+ min/);
    await page.evaluate(() => document.querySelector('chathub-preview').shadowRoot.querySelector('button').click());
    await until(async () => (await panel(page)).status === 'Token renewed 1×');
    assert.equal((await panel(page)).count, 1);

    await page.goto(url + 'internal/');
    assert.equal(await page.evaluate(() => document.querySelector('[data-chathub], [id^=operator-chat-panel-script]')), null);
    assert.equal((await panel(page)).count, 0, 'a page whose rules give it no widget has none, and nothing that would bring one');

    // The page loads again by itself, with what the configuration says now.
    await page.goto(url + 'shop/');
    await state('ready');
    const config = await readFile(join(folder, 'chathub.toml'), 'utf8');
    await writeFile(join(folder, 'chathub.toml'), config.replace('organization = "sales"', 'organization = "support"'));
    await until(async () => (await panel(page).catch(() => ({}))).rows?.[0] === 'support');
    const html = await readFile(join(folder, 'public/shop/index.html'), 'utf8');
    await writeFile(join(folder, 'public/shop/index.html'), html.replace('<h1>', '<h1 id="changed">'));
    await until(() => page.evaluate(() => !!document.getElementById('changed')).catch(() => null));
    assert.deepEqual(problems, []);
  }),
);

each('preview: it works under a strict policy', ({ page, problems, state }) =>
  preview(async (url, folder) => {
    const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'none'; img-src data:; require-trusted-types-for 'script'";
    const html = await readFile(join(folder, 'public/docs/index.html'), 'utf8');
    const strict = html.replace(/<link rel="?stylesheet[^>]*>/, '').replace('<head>', `<head><meta http-equiv="Content-Security-Policy" content="${policy}">`);
    await writeFile(join(folder, 'public/strict.html'), strict);
    await until(async () => (await fetch(url + 'strict')).headers.get('etag') && (await (await fetch(url + 'strict')).text()).includes('data-chathub'));
    await page.goto(url + 'strict');
    await state('ready');
    await until(async () => (await panel(page)).rows[2]?.includes('expires'));
    // Its style sheet holds where the page may have none.
    const place = await page.evaluate(() => getComputedStyle(document.querySelector('chathub-preview')).position);
    assert.equal(place, 'fixed');
    assert.deepEqual(problems.filter((text) => !text.includes('favicon')), []);
  }),
);

each('preview: the stand-in of the customer widget shows its guid, and nothing asks for a token', ({ page, problems }) =>
  preview(
    async (url) => {
      await page.goto(url + 'shop/');
      const shown = await until(async () => {
        const now = await panel(page);
        return now.rows[1]?.includes('shop/') && now;
      });
      assert.deepEqual([shown.count, shown.title, shown.rows[0]], [1, 'Chat with shop', 'shop']);
      assert.equal(shown.rows[2], '8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21of the customer widget, which needs no token');
      assert.equal(await page.evaluate(() => document.querySelector('[data-chathub]')), null);
      assert.deepEqual(problems, []);
    },
    {
      config:
        'site = "public"\n[organizations.shop]\nwidget = "customer"\nguid = "8d4a5bd6-0c8b-4f5e-9a37-2b1f6c0e7d21"\n' +
        'attributes = { main-color = "#0b6e5f" }\n[[rules]]\nmatch = "shop/**"\norganization = "shop"\n',
    },
  ),
);

each('preview --live: a browser is let in by the printed address, from wherever it comes, and another one is not', ({ page, browser, world }) =>
  standInApi().then(async (api) => {
    const config = `default-organization = "sales"\n[api]\nurl = "${api.origin}"\n[organizations.sales]\nid = 24\n`;
    const token = (on) => 
      on.evaluate(async () => {
        const reply = await fetch('/api/chathub/token');
        return [reply.status, reply.ok && !!(await reply.json()).token];
      });
    const other = await browser.createBrowserContext();
    try {
      await preview(
        async (address) => {
          const { origin } = new URL(address);
          const stranger = await other.newPage();
          const refused = await stranger.goto(origin + '/');
          assert.equal(refused.status(), 401);
          assert.equal(await stranger.evaluate(() => document.querySelector('h1').textContent), 'This preview gives real tokens');
          assert.deepEqual(await token(stranger), [401, false]);

          // Typed, and by a link on another site, where browsers hold back the cookie that they have just been given.
          await page.goto(address);
          assert.equal(page.url(), origin + '/');
          assert.deepEqual(await token(page), [200, true]);
          assert.equal(await page.evaluate(() => document.cookie), '', 'no script sees the key');
          await stranger.goto(world.page(`<a href="${address}">The preview</a>`).replace('127.0.0.1', 'example.test'));
          await stranger.evaluate(() => document.querySelector('a').click());
          await until(() => stranger.url() === origin + '/');
          assert.deepEqual(await until(() => token(stranger).catch(() => null)), [200, true]);
          assert.deepEqual(await stranger.evaluate(() => document.cookie), '');
        },
        { args: ['--live'], env: { CHATHUB_COMPANY_TOKEN: COMPANY }, config },
      );
    } finally {
      await other.close();
      await api.close();
    }
  }),
);

each('preview: a folder that is deleted is a page that says so, and the site when it is back', ({ page }) =>
  preview(async (url, folder) => {
    const heading = () => page.evaluate(() => document.querySelector('h1')?.textContent).catch(() => null);
    await page.goto(url + 'shop/');
    const before = await heading();
    await rename(join(folder, 'public'), join(folder, 'away'));
    await until(async () => (await heading()) === "The site's folder is gone");
    assert.ok(await page.evaluate(() => document.body.textContent.includes('public')));
    await rename(join(folder, 'away'), join(folder, 'public'));
    await until(async () => (await heading()) === before);
  }),
);
