import { assert, each, loader, until, CONTACT, MORE_PATH } from './harness.mjs';

const status = () => __box?.('[role=status]')?.textContent;

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

each('30 loading and failure are shown and announced, in the language of the page', async ({ world, clocked, run, state }) => {
  for (const [lang, [loading, failed]] of Object.entries(TEXTS)) {
    let answer;
    world.replies.splice(0, 1, () => new Promise((done) => (answer = done)));
    await clocked(loader(), { lang });
    await state('loading');
    // Not at once: most replies are quicker than a visitor reads.
    await run(() => __clock.advance(1999));
    assert.equal(await run(() => document.querySelector('chathub-box')), null);
    await run(() => __clock.advance(1));
    await until(async () => (await run(status)) === loading, `${loading} in ${lang}`);
    assert.ok(await run(() => __box('[role=status]').getBoundingClientRect().height > 0));
    await until(() => answer);
    answer([404, {}, '']);
    await until(async () => (await run(status)) === failed, `${failed} in ${lang}`);
  }
});

each('30 what is said of a slow reply or a failure goes when the chat is ready, and when it is ended', async ({ world, open, run, state }) => {
  const gone = () => run(() => !document.querySelector('chathub-box'));
  for (const end of ['ready', 'destroyed']) {
    let answer;
    world.replies.splice(0, 1, () => new Promise((done) => (answer = done)));
    await open(loader());
    await until(async () => (await run(status)) === 'Chat…');
    if (end === 'ready') answer();
    else await run(() => void ChatHub.controller.destroy());
    await state(end);
    assert.ok(await gone(), end);
  }
  world.replies.splice(0, 1, [404, {}, '']);
  await open(loader());
  await until(async () => (await run(status)) === 'Chat unavailable');
  world.replies.splice(0, 1, undefined);
  await run(() => ChatHub.controller.refresh());
  await state('ready');
  assert.ok(await gone(), 'after a failure');
});

each('30 a second file that comes when the chat is ready shows nothing', async ({ world, clocked, run, state }) => {
  let answer;
  let deliver;
  const file = world.site.routes[MORE_PATH];
  world.replies.push(() => new Promise((done) => (answer = done)), undefined);
  world.site.routes[MORE_PATH] = (_, response) => (deliver = () => response.writeHead(...file.slice(0, 2)).end(file[2]));
  await clocked(loader());
  await state('loading');
  await run(() => __clock.advance(2000));
  await until(() => answer && deliver, 'both requests');
  answer();
  await state('ready');
  deliver();
  // By what the file does for the page next, what it had to do before has been done.
  await run(() => ChatHub.controller.refresh());
  assert.equal(await run(() => document.querySelector('chathub-box')), null);
});

each('30 a chat that is loaded anew has not taken long yet', async ({ world, clocked, run, state }) => {
  const answers = [];
  world.replies.push(() => new Promise((done) => answers.push(done)));
  await clocked(loader({ 'data-org': 'a' }));
  await state('loading');
  await run(() => __clock.advance(1500));
  await until(() => answers[0], 'the first request');
  answers[0]();
  await state('ready');
  await run(() => void ChatHub.controller.setOrg('b'));
  await state('loading');
  await run(() => __clock.advance(1500));
  await until(() => answers[1], 'the second request');
  // Nobody has asked for the second file, which shows it.
  assert.ok(!world.site.log.some(({ path }) => path === MORE_PATH));
  await run(() => __clock.advance(500));
  await until(async () => (await run(status)) === 'Chat…');
  answers[1]();
  await state('ready');
  assert.equal(await run(() => document.querySelector('chathub-box')), null);
});

each('30 texts of the page itself', async ({ world, open, run, state }) => {
  world.replies.push([404, {}, '']);
  await open(loader({ 'data-texts': JSON.stringify({ failed: 'La chat non è disponibile', contact: 'Scrivici' }), 'data-contact': 'mailto:aiuto@example.com' }), { lang: 'it' });
  await state('failed');
  await until(async () => (await run(() => __box('a') && __box('[role=status]').textContent + __box('a').textContent)) === 'La chat non è disponibileScrivici');
});

each('30 right to left, contrast, no motion, nothing on the way', async ({ world, open, run, state }) => {
  world.replies.push([404, {}, '']);
  for (const dir of ['ltr', 'rtl']) {
    await open(loader({ 'data-contact': 'tel:+380441234567' }) + `<script>document.documentElement.dir = '${dir}'</script>`);
    await until(() => run(() => !!__box?.('a')));
    const found = await run(() => {
      const box = __box().getBoundingClientRect();
      const link = getComputedStyle(__box('a'));
      const own = getComputedStyle(__box());
      return { left: box.left, right: innerWidth - box.right, color: own.color, link: link.color, background: own.backgroundColor, moving: document.getAnimations().length };
    });
    assert.ok(dir === 'ltr' ? found.left <= 8 : found.right < found.left, JSON.stringify(found));
    assert.deepEqual([found.color, found.link, found.background, found.moving], ['rgb(0, 0, 0)', 'rgb(0, 0, 0)', 'rgb(255, 255, 255)', 0]);
  }
  // With nothing to say there is nothing to see.
  world.replies.splice(0, 1, undefined);
  await open(loader());
  await state('ready');
  assert.equal(await run(() => document.querySelector('chathub-box')), null);
});

each('30 ui none shows nothing of ours', async ({ world, open, run, state, contactVisible }) => {
  world.replies.push([404, {}, '']);
  await open(loader({ 'data-ui': 'none', 'data-contact': 'mailto:help@example.com', 'data-orgs': 'a b', 'data-org': 'a' }));
  await state('failed');
  assert.equal(await contactVisible(), undefined);
  await run(() => new Promise((done) => setTimeout(done, 200)));
  assert.equal(await run(() => document.querySelector('chathub-box')), null);
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
