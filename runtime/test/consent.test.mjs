// Consent tools that start the tags they hold back: what the real binary makes of a held tag starts with them, and not before.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chathub } from './binary.mjs';
import { assert, counts, each, ONE, TAG_ID, until } from './harness.mjs';

const module = (file) => readFile(new URL(`../node_modules/${file}`, import.meta.url), 'utf8');

/** Each tool: its file, how a tag is held for it, what starts it, and what its button for consent does. */
const TOOLS = {
  'CookieConsent of orestbida': {
    file: 'vanilla-cookieconsent/dist/cookieconsent.umd.js',
    held: 'type="text/plain" data-category="chat" src',
    start: `CookieConsent.run({
      autoShow: false,
      categories: { necessary: { enabled: true, readOnly: true }, chat: {}, marketing: {} },
      language: { default: 'en', translations: { en: { consentModal: {}, preferencesModal: { sections: [] } } } },
    })`,
    refuse: () => CookieConsent.acceptCategory('marketing'),
    consent: () => CookieConsent.acceptCategory('chat'),
  },
  Klaro: {
    file: 'klaro/dist/klaro-no-css.js',
    held: 'type="text/plain" data-type="text/javascript" data-name="chathub" data-src',
    start: `klaro.setup({
      noAutoLoad: true,
      storageMethod: 'localStorage',
      services: [{ name: 'chathub', purposes: ['support'] }, { name: 'other', purposes: ['marketing'] }],
    })
    klaro.getManager().applyConsents()`,
    refuse: () => {
      klaro.getManager().updateConsent('other', true);
      klaro.getManager().saveAndApplyConsents();
    },
    consent: () => {
      klaro.getManager().updateConsent('chathub', true);
      klaro.getManager().saveAndApplyConsents();
    },
  },
};

for (const [name, { file, held, start, refuse, consent }] of Object.entries(TOOLS))
  each(`consent: ${name} starts the tag that inject leaves held`, async ({ t, world, page, run, state, complaints }) => {
    const { site } = world;
    const work = await mkdtemp(join(tmpdir(), 'chathub-consent-'));
    t.after(() => rm(work, { recursive: true, force: true }));
    const folder = join(work, 'public');
    await mkdir(folder);
    await writeFile(
      join(folder, 'index.html'),
      '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title></head><body><h1>Shop</h1>' +
        '<script defer src="/tool.js"></script><script defer src="/start.js"></script>' +
        `<script id="${TAG_ID}" ${held}="https://widget.smsbat.com/operator-chat-panel/dist/operator-chat-panel-script.js" data-token="YOUR_TOKEN"></script>` +
        '</body></html>',
    );
    for (const command of ['inject', 'verify']) {
      const chat = chathub([command, '--endpoint', '/token', '--load', 'eager'], { cwd: work });
      assert.equal(await chat.ended, 0, chat.said);
      assert.ok(!chat.said.includes('not known to start'), chat.said);
    }
    site.routes['/tool.js'] = [200, { 'content-type': 'text/javascript' }, await module(file)];
    site.routes['/start.js'] = [200, { 'content-type': 'text/javascript' }, `${start};\nwindow.started = true`];
    site.routes['*'] = async (request, response, url) => {
      const body = await readFile(join(folder, url.pathname === '/' ? 'index.html' : url.pathname)).catch(() => null);
      const type = url.pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body);
    };
    const widget = await readFile(new URL('widget.js', import.meta.url), 'utf8');
    const asked = [];
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      asked.push(pathname);
      // A held tag cannot name another place for the widget, so the vendor's host is played here.
      if (origin === site.origin) request.continue();
      else request.respond({ status: 200, headers: { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }, body: widget });
    });
    const ours = () => asked.filter((path) => /chathub-assets|operator-chat-panel|token/.test(path));

    await page.goto(site.origin);
    await until(() => run(() => window.started));
    await run(refuse);
    // Whatever the refusal had started would have been asked for before this.
    await run(() => fetch('/tool.js?later').then((reply) => reply.text()));
    assert.deepEqual(ours(), [], 'nothing is asked for without consent');

    await run(consent);
    await state('ready');
    assert.deepEqual(await run(counts), ONE);
    assert.deepEqual(complaints, []);
  });
