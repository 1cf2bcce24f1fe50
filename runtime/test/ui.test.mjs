import { assert, each, loader, until, CONTACT } from './harness.mjs';

const status = () => document.querySelector('[aria-label=Chat] [role=status]').textContent;

const TEXTS = {
  en: ['Chat…', 'Chat unavailable'],
  uk: ['Чат…', 'Чат недоступний'],
  'pt-BR': ['Chat…', 'Chat indisponível'],
  pl: ['Czat…', 'Czat niedostępny'],
  de: ['Chat…', 'Chat nicht verfügbar'],
  es: ['Chat…', 'Chat no disponible'],
  fr: ['Chat…', 'Chat indisponible'],
  it: ['Chat…', 'Chat unavailable'],
  '': ['Chat…', 'Chat unavailable'],
};

each('30 loading and failure are shown and announced, in the language of the page', async ({ world, page, open, run, until: poll, state }) => {
  for (const [lang, [loading, failed]] of Object.entries(TEXTS)) {
    let answer;
    world.replies.splice(0, 1, () => new Promise((done) => (answer = done)));
    await open(loader(), { lang });
    await state('loading');
    assert.equal(await run(status), loading, lang);
    assert.ok(await run(() => document.querySelector('[role=status]').getBoundingClientRect().height > 0));
    await until(() => answer);
    answer([404, {}, '']);
    await state('failed');
    assert.equal(await run(status), failed, lang);
  }
  // The live region is there, empty, before it has something to say.
  await page.goto(world.page(loader({ 'data-load': 'manual' })));
  await poll(() => document.querySelector('[role=status]')?.textContent === '');
});

each('30 texts of the page itself', async ({ world, open, run, state }) => {
  world.replies.push([404, {}, '']);
  await open(loader({ 'data-texts': JSON.stringify({ failed: 'La chat non è disponibile', contact: 'Scrivici' }), 'data-contact': 'mailto:aiuto@example.com' }), { lang: 'it' });
  await state('failed');
  assert.equal(await run(status), 'La chat non è disponibile Scrivici');
});

each('30 right to left, contrast, no motion, nothing on the way', async ({ world, open, run, state }) => {
  world.replies.push([404, {}, '']);
  for (const dir of ['ltr', 'rtl']) {
    await open(loader({ 'data-contact': 'tel:+380441234567' }) + `<script>document.documentElement.dir = '${dir}'</script>`);
    await state('failed');
    const found = await run(() => {
      const host = document.querySelector('[aria-label=Chat]');
      const box = host.getBoundingClientRect();
      const link = getComputedStyle(host.querySelector('a'));
      const own = getComputedStyle(host);
      return { left: box.left, right: innerWidth - box.right, color: own.color, link: link.color, background: own.backgroundColor, moving: document.getAnimations().length };
    });
    assert.ok(dir === 'ltr' ? found.left <= 8 : found.right < found.left, JSON.stringify(found));
    assert.deepEqual([found.color, found.link, found.background, found.moving], ['rgb(0, 0, 0)', 'rgb(0, 0, 0)', 'rgb(255, 255, 255)', 0]);
  }
  // With nothing to say there is nothing to see.
  world.replies.splice(0, 1, undefined);
  await open(loader());
  await state('ready');
  assert.equal(await run(() => document.querySelector('[aria-label=Chat]').getBoundingClientRect().height), 0);
});

each('30 ui none shows nothing of ours', async ({ world, open, run, state, contactVisible }) => {
  world.replies.push([404, {}, '']);
  await open(loader({ 'data-ui': 'none', 'data-contact': 'mailto:help@example.com', 'data-orgs': 'a b', 'data-org': 'a' }));
  await state('failed');
  assert.equal(await contactVisible(), undefined);
  assert.equal(await run(() => document.querySelector('[aria-label=Chat]').checkVisibility()), false);
  await open(loader({ 'data-ui': 'none' }) + CONTACT);
  await state('failed');
  assert.equal(await contactVisible(), 'mailto:help@example.com');
});

each('30 events tell what happens, and never the token', async ({ world, open, run, state }) => {
  await open(
    `<script>window.__events = []; for (const n of ['state', 'ready', 'error', 'refresh'])
      document.addEventListener('chathub:' + n, (e) => __events.push(n + ' ' + JSON.stringify(e.detail)))</script>` + loader({ 'data-org': 'a' }),
  );
  await state('ready');
  await run(() => ChatHub.controller.refresh());
  world.replies.push([403, {}, '']);
  await run(() => ChatHub.controller.setOrg('b'));
  await run(() => ChatHub.controller.destroy());
  assert.deepEqual(await run(() => __events), [
    'state {"state":"waiting","org":"a"}',
    'state {"state":"loading","org":"a"}',
    'state {"state":"ready","org":"a"}',
    'ready {"org":"a"}',
    'refresh {"org":"a"}',
    'state {"state":"waiting","org":"b"}',
    'state {"state":"loading","org":"b"}',
    'state {"state":"failed","org":"b"}',
    'error {"code":403,"org":"b"}',
    'state {"state":"destroyed","org":"b"}',
  ]);
});
