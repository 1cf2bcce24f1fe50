// What visitors see of the runtime itself, for whom it may be in the way: by axe-core's rules, at four times the size, by keyboard.
import { readFile } from 'node:fs/promises';
import { assert, each, loader, until, CONTACT } from './harness.mjs';

const AXE = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url));
const FAILED = [404, {}, ''];
const LONG = 'mailto:customer.service.department.with.a.very.long.address@north-trail-outdoor-equipment.example.com';
const SOME = 'sales support returns wholesale careers press workshop rentals insurance north south east west';

/** Of the page, all that is not the chat's is as it should be. The stand-in for the widget is none of ours. */
const around = (tag, footer = '') =>
  `<header><h1>North Trail</h1></header><main><p>${'Boots and tents for long days outside. '.repeat(60)}</p></main>
  <footer><a id="imprint" href="/imprint">Imprint</a> ${footer}</footer>${tag}`;

/** Lets axe-core see into our box, which is closed. */
const openBoxes = () => {
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (options) {
    return attachShadow.call(this, { ...options, mode: 'open' });
  };
};

/** Opens a page in which axe-core can look, with the world answering as given. */
const opened = async ({ world, page, open }, answer, body, options) => {
  world.site.routes['/axe.js'] = [200, { 'content-type': 'text/javascript' }, AXE];
  world.replies.splice(0, 1, answer);
  await page.evaluateOnNewDocument(openBoxes);
  await open(body, { head: '<meta name="viewport" content="width=device-width"><script src="/axe.js"></script>', ...options });
};

/** What axe-core has to say of a page; runs there. */
const violations = async () => {
  const { violations, passes } = await axe.run({ exclude: ['.widget'] }, { rules: { 'target-size': { enabled: true } } });
  if (!passes.some(({ id }) => id === 'region')) return ['region: not looked at'];
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
};

const text = () => __box?.()?.textContent;
const shows = (page, wanted) => until(async () => (await page.evaluate(text))?.includes(wanted), `${wanted} in the box`);

/** Each state: how the endpoint answers, the tag's options, what the box says once it is all there; nothing: there is none. */
const STATES = {
  'waiting for consent': { options: { 'data-consent': 'given' }, state: 'idle' },
  'waiting for a click': { options: { 'data-load': 'interaction' }, state: 'waiting' },
  loading: { answer: () => new Promise(() => {}), state: 'loading', says: 'Chat…' },
  ready: { answer: undefined, state: 'ready' },
  'ready, with contact links of the page': { answer: undefined, state: 'ready', footer: CONTACT + CONTACT },
  failed: { answer: FAILED, state: 'failed', says: 'Chat unavailable' },
  'failed, with a contact': { answer: FAILED, options: { 'data-contact': LONG }, state: 'failed', says: 'customer' },
  'failed, with a contact link of the page': { answer: FAILED, state: 'failed', footer: CONTACT, says: 'Chat unavailable' },
  'failed, in the language of the page': { answer: FAILED, options: { 'data-contact': 'tel:+380441234567' }, lang: 'uk', state: 'failed', says: '+380' },
  'failed, in a language that has no texts': { answer: FAILED, lang: 'ar" dir="rtl', state: 'failed', says: 'Chat unavailable' },
  'failed, on a dark page': { answer: FAILED, options: { 'data-contact': LONG }, style: ':root { color-scheme: dark; background: #111 }', state: 'failed', says: 'customer' },
  'a chooser': { options: { 'data-orgs': SOME }, state: 'waiting', says: 'sales' },
  'a chooser and a chat': { options: { 'data-orgs': SOME, 'data-org': 'sales' }, answer: undefined, state: 'ready', says: 'sales' },
  'a chooser and a failure': { options: { 'data-orgs': SOME, 'data-org': 'sales', 'data-contact': LONG }, answer: FAILED, state: 'failed', says: 'customer' },
};

/** Opens a page in one of these states. */
const reach = async (helpers, { answer, options, state, says, footer, lang, style = '' }) => {
  await opened(helpers, answer, around(loader(options), footer) + `<style>${style}</style>`, lang && { lang });
  await until(() => helpers.run((state) => window.ChatHub?.controller.state === state, state), state);
  if (says) await shows(helpers.page, says);
};

each('30 axe-core finds nothing in any state', async (helpers) => {
  for (const [name, state] of Object.entries(STATES)) {
    await reach(helpers, state);
    assert.deepEqual(await helpers.run(violations), [], name);
    assert.equal(await helpers.run(() => !!document.querySelector('chathub-box')), 'says' in state, name);
  }
});

each('30 at four times the size all of the box can be read and used, and half of the page', async (helpers) => {
  const { page, run } = helpers;
  await page.setViewport({ width: 320, height: 256 });
  for (const name of ['failed, with a contact', 'failed, in a language that has no texts', 'a chooser', 'a chooser and a failure']) {
    await reach(helpers, STATES[name]);
    const found = await run(() => {
      const box = __box();
      const { left, top, right, bottom } = box.getBoundingClientRect();
      const within = (element) => {
        element.scrollIntoView({ block: 'nearest' });
        const rect = element.getBoundingClientRect();
        const hit = __box().getRootNode().elementFromPoint((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2);
        return rect.left >= left && rect.right <= right && rect.top >= top && rect.bottom <= bottom + 1 && element.contains(hit);
      };
      const controls = [...box.querySelectorAll('a, button')];
      const sizes = controls.map((control) => control.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height));
      return {
        inside: left >= 0 && top >= innerHeight / 2 - 16 && right <= document.documentElement.clientWidth && bottom <= innerHeight,
        wider: box.scrollWidth > box.clientWidth || document.documentElement.scrollWidth > document.documentElement.clientWidth,
        unusable: controls.filter((control) => !within(control)).map((control) => control.textContent),
        smallest: Math.min(...sizes),
        controls: controls.length,
      };
    });
    assert.deepEqual({ ...found, smallest: found.smallest >= 24, controls: found.controls > 0 }, { inside: true, wider: false, unusable: [], smallest: true, controls: true }, name);
  }
});

each('30 texts are marked with their language, and the language of the page is understood as it is written', async ({ world, page, open, run }) => {
  world.replies.push(FAILED);
  const languages = () => {
    const own = (selector) => __box(selector)?.closest('[lang]')?.lang ?? null;
    return [__box('[role=status]').textContent, own('[role=status]'), own('a'), own('button')];
  };
  const read = async (lang, options = {}) => {
    await open(loader({ 'data-contact': 'tel:+39021234567', ...options }), { lang });
    await until(() => run(() => !!__box?.('button')), lang);
    return run(languages);
  };
  const german = 'Chat nicht verfügbar';
  for (const lang of ['DE', 'de-AT', 'de_CH', 'de" xml:lang="fr']) assert.deepEqual(await read(lang), [german, lang.split('"')[0], null, lang.split('"')[0]]);
  assert.deepEqual(await read('" xml:lang="de-CH'), [german, 'de-CH', null, 'de-CH']);
  assert.deepEqual(await read('PT-br'), ['Chat indisponível', 'PT-br', null, 'PT-br']);
  // North Frisian is no French, and Estonian no Spanish.
  for (const lang of ['it', 'frr', 'est', '']) assert.deepEqual(await read(lang), ['Chat unavailable', 'en', null, 'en'], lang);
  // The page's own texts are in its own language.
  assert.deepEqual(await read('it', { 'data-texts': '{"failed":"La chat non è disponibile","contact":"Scrivici"}' }), ['La chat non è disponibile', 'it', null, 'en']);
  await page.goto(world.page(loader(), { lang: '"><body lang="pl' }));
  await until(() => run(() => __box?.('[role=status]')?.textContent === 'Czat niedostępny'), 'the language of the body');
});

each('30 a failed box and a chooser can be closed, by mouse and keyboard, and what they covered can be used', async (helpers) => {
  const { page, run } = helpers;
  for (const name of ['failed, with a contact', 'a chooser and a failure', 'a chooser', 'a chooser and a chat'])
    for (const key of [undefined, 'Enter', ' ']) {
      await reach(helpers, { ...STATES[name], style: 'footer { position: fixed; left: 0; bottom: 12px }' });
      assert.equal(await run(() => [...__box().querySelectorAll('button')].at(-1).ariaLabel), 'Close');
      await run(() => imprint.focus());
      await run(() => [...__box().querySelectorAll('button')].at(-1).focus());
      // Whatever is shown once more, the focus stays.
      await run(() => (document.dispatchEvent(new CustomEvent('chathub:state')), new Promise((done) => setTimeout(done, 150))));
      if (key) await page.keyboard.press(key);
      else await run(() => [...__box().querySelectorAll('button')].at(-1).click());
      await until(() => run(() => !document.querySelector('chathub-box')), 'closed');
      const { focus, hit } = await run(() => {
        const { left, top } = imprint.getBoundingClientRect();
        return { focus: document.activeElement.id, hit: document.elementFromPoint(left + 2, top + 2).id };
      });
      assert.deepEqual([focus, hit], ['imprint', 'imprint'], `${name}, closed by ${key}`);
      // It stays so while the state is the same.
      await run(() => new Promise((done) => setTimeout(done, 150)));
      assert.equal(await run(() => document.querySelector('chathub-box')), null);
      assert.equal(await run(() => ChatHub.controller.state), STATES[name].state);
    }
});

each('30 the focus stays where it is when a link goes: the page’s own, and that in the box', async ({ world, open, run, state }) => {
  world.replies.push(FAILED);
  await open(around(loader(), CONTACT));
  await state('failed');
  await run(() => document.querySelector('[data-chathub-contact]').focus());
  world.replies.splice(0, 1, undefined);
  await run(() => ChatHub.controller.refresh());
  await state('ready');
  const look = () => run(() => [document.activeElement.textContent, getComputedStyle(document.querySelector('[data-chathub-contact]')).visibility]);
  assert.deepEqual(await look(), ['Contact', 'visible']);
  await run(() => imprint.focus());
  assert.deepEqual(await look(), ['Imprint', 'hidden']);

  world.replies.splice(0, 1, FAILED);
  await open(around(loader({ 'data-contact': 'mailto:help@example.com' })));
  await until(() => run(() => !!__box?.('a')));
  await run(() => (imprint.focus(), __box('a').focus()));
  assert.equal(await run(() => document.activeElement.localName), 'chathub-box');
  world.replies.splice(0, 1, undefined);
  await run(() => ChatHub.controller.refresh());
  await state('ready');
  assert.equal(await run(() => document.activeElement.id), 'imprint');
});

each('30 the link in the box keeps the focus while the chat is tried again', async ({ world, open, run, state }) => {
  let answer;
  world.replies.push(FAILED, () => new Promise((done) => (answer = done)));
  await open(around(loader({ 'data-contact': 'mailto:help@example.com' })));
  await until(() => run(() => !!__box?.('a')));
  await run(() => __box('a').focus());
  await run(() => void ChatHub.controller.refresh());
  await state('loading');
  await until(() => run(() => __box('[role=status]').textContent === 'Chat…'));
  answer(FAILED);
  await state('failed');
  await until(() => run(() => __box('[role=status]').textContent === 'Chat unavailable'));
  assert.deepEqual(await run(() => [__box('a:focus')?.href, __box().querySelectorAll('a').length]), ['mailto:help@example.com', 1]);
});

each('30 no contact link stays beside a running chat, however many there are', async ({ world, open, run, state }) => {
  const visible = () => run(() => [...document.querySelectorAll('a[data-chathub-contact]')].filter((link) => link.checkVisibility({ visibilityProperty: true })).length);
  const injected = CONTACT.replace('data-chathub-contact', 'data-chathub-contact="injected"');
  await open(around(loader(), CONTACT + injected) + `<style>a { visibility: visible !important }</style>`);
  await state('ready');
  assert.equal(await visible(), 0);
  // One that comes later, too.
  await run((link) => document.querySelector('main').insertAdjacentHTML('beforeend', link), CONTACT);
  assert.equal(await visible(), 0);
  world.replies.splice(0, 1, FAILED);
  await run(() => ChatHub.controller.setOrg('other'));
  await state('failed');
  assert.equal(await visible(), 3);
});

each('30 in colours of the visitor’s own choice the box keeps its edges, and which button is pressed', async (helpers) => {
  const { page, run } = helpers;
  const session = await page.createCDPSession();
  await session.send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value: 'active' }, { name: 'prefers-reduced-motion', value: 'reduce' }] });
  await reach(helpers, STATES['a chooser and a chat']);
  const found = await run(() => {
    const look = (selector) => getComputedStyle(__box(selector));
    return {
      edge: look().outlineStyle,
      weights: [look('[aria-pressed=true]').fontWeight, look('[aria-pressed=false]').fontWeight],
      moving: document.getAnimations().length,
    };
  });
  assert.deepEqual(found, { edge: 'solid', weights: ['700', '400'], moving: 0 });
  assert.deepEqual(await run(violations), []);
}, ['chromium']);

each('30 a busy page costs no timers: before consent, while there is a chat, and when it is ended', async ({ open, run, state }) => {
  const count = `<script>
    const real = setTimeout;
    window.__timers = 0;
    window.setTimeout = (...args) => (__timers++, real(...args));
    setInterval(() => { busy.textContent = Date.now(); busy.prepend(document.createElement('i')); }, 10);
  </script>`;
  /** The timers that begin while the page changes fifty times. */
  const counted = () =>
    run(async () => {
      const before = __timers;
      let turns = 0;
      await new Promise((done) => new MutationObserver(() => ++turns === 50 && done()).observe(busy, { childList: true }));
      return __timers - before;
    });
  await open(`<p id="busy"></p>${loader({ 'data-consent': 'given' })}${count}`);
  await until(() => run(() => !!window.ChatHub));
  await counted();
  assert.equal(await counted(), 0, 'before consent');
  await run(() => document.dispatchEvent(new Event('given')));
  await state('ready');
  await counted();
  assert.equal(await counted(), 0, 'ready');
  await run(() => ChatHub.controller.destroy());
  assert.equal(await counted(), 0, 'ended');
  // What becomes of the tag then is not followed.
  for (const change of [() => (document.querySelector('[data-chathub]').dataset.org = 'b'), () => document.querySelector('[data-chathub]').remove(), () => history.pushState({}, '', '/elsewhere')]) {
    await run(change);
    await counted();
    assert.equal(await counted(), 0, String(change));
    assert.equal(await run(() => ChatHub.controller.state), 'destroyed');
  }
});

each('30 events reach the window, and never carry what a rejection says', async ({ open, run, state }) => {
  await open(`<script>
    window.__heard = [];
    for (const name of ['state', 'error']) addEventListener('chathub:' + name, ({ detail }) => __heard.push([name, JSON.stringify(detail)]));
  </script>${loader({ 'data-load': 'manual' })}`);
  await state('waiting');
  const secrets = [() => new Error('secret'), () => 'secret', () => ({ status: 'secret' }), () => ({ status: 403, message: 'secret' }), () => ({ toString: () => 'config', secret: 'secret' }), () => ['config', 'secret'], () => Object.assign(['reply'], { secret: 'secret' })];
  for (const [n, secret] of secrets.entries()) {
    await run(
      (n, secret) => {
        ChatHub.init({ org: 'org' + n, retries: 0, load: 'eager', getToken: () => Promise.reject(eval(secret)()) });
      },
      n,
      `(${secret})`,
    );
    await until(() => run((n) => __heard.some(([name, detail]) => name === 'error' && detail.includes('org' + n)), n), `an error for ${secret}`);
  }
  const heard = await run(() => __heard);
  assert.deepEqual(heard.filter(([, detail]) => detail.includes('secret')), []);
  for (const [name, detail] of heard) if (name === 'error') assert.match(detail, /^\{"code":("network"|"config"|"reply"|403),"org":"org\d"\}$/);
});
