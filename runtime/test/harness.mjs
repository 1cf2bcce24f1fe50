// Real browsers, real servers on loopback, and a stand-in for the vendor's widget.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

export { assert };

const here = new URL('.', import.meta.url);
// RUNTIME names a folder with another build, such as that of an earlier commit, which may not have all files.
const dist = process.env.RUNTIME ? pathToFileURL(resolve(process.env.RUNTIME) + '/') : new URL('../dist/', here);
export const RUNTIME = await readFile(new URL('runtime.js', dist));
/** A file beside it: its path, by its content, and that. */
const beside = async (stem) => {
  const content = await readFile(new URL(`${stem}.js`, dist)).catch((error) => (process.env.RUNTIME ? '' : assert.fail(error)));
  return [`/${stem}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}.js`, content];
};
export const [MORE_PATH, MORE] = await beside('more');
export const [BOX_PATH, BOX] = await beside('box');
const CLOCK = await readFile(new URL('clock.js', here));
const WIDGET = await readFile(new URL('widget.js', here));
export const TAG_ID = 'operator-chat-panel-script';

const HOUR = 3600;
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
let serial = 0;
/** A token that looks like the vendor's: `life` seconds from now, or the claims as given. */
export const jwt = (claims = {}, life = 24 * HOUR) => {
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'HS256' })}.${part({ n: ++serial, iat: now, exp: now + life, ...claims })}.${'s'.repeat(43)}`;
};

/** Starts a server whose routes can be changed at any time: path, or `*` for all others → [status, headers, body] or (req, res, url). */
export const serve = async (routes = {}) => {
  const log = [];
  const sockets = new Set();
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://x');
    log.push({ path: url.pathname, search: url.search, headers: request.headers, at: Date.now() });
    const route = routes[url.pathname] ?? routes['*'];
    if (typeof route === 'function') return route(request, response, url);
    const [status, headers, body] = route ?? [404, {}, 'not here'];
    response.writeHead(status, headers).end(body);
  });
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    routes,
    log,
    close: () => new Promise((done) => (server.close(done), sockets.forEach((socket) => socket.destroy()))),
  };
};

const JS = { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' };
const HTML = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };

/** The loader tag, as `chathub inject` writes it. */
export const loader = (attributes = {}) =>
  `<script type="module"${Object.entries({
    src: '/runtime.js',
    'data-chathub': '',
    'data-endpoint': '/token',
    'data-src': '/widget.js',
    'data-load': 'eager',
    ...attributes,
  })
    .map(([name, value]) => ` ${name}="${String(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`)
    .join('')}></script>`;

export const CONTACT = '<a data-chathub-contact href="mailto:help@example.com">Contact</a>';

/** A site with the runtime, a token endpoint that answers by script, and the stand-in widget. */
const makeWorld = async () => {
  const replies = [];
  const tokens = [];
  const site = await serve({
    '/runtime.js': [200, JS, RUNTIME],
    '/copy.js': [200, JS, RUNTIME],
    [MORE_PATH]: [200, JS, MORE],
    [BOX_PATH]: [200, JS, BOX],
    '/clock.js': [200, JS, CLOCK],
    '/widget.js': [200, JS, WIDGET],
    '/favicon.ico': [204, {}, ''],
    '/token': async (request, response, url) => {
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      let answer = typeof reply === 'function' ? await reply(request, response, url) : reply;
      if (response.writableEnded || answer === null) return;
      if (answer === undefined) {
        tokens.push(jwt({ org: url.searchParams.get('org') }));
        answer = { token: tokens.at(-1) };
      }
      if (Array.isArray(answer)) response.writeHead(answer[0], answer[1]).end(answer[2]);
      else
        response
          .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
          .end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    },
  });
  return {
    site,
    /** What the endpoint answers, in turn; the last one again and again. Nothing: a fresh token each time. */
    replies,
    /** The fresh tokens given out. */
    tokens,
    asked: () => site.log.filter(({ path }) => path === '/token'),
    page(body, { head = '', lang = 'en', headers = {}, path = '/' } = {}) {
      site.routes[path] = [
        200,
        { ...HTML, ...headers },
        `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>t</title>${head}</head><body>${body}</body></html>`,
      ];
      return site.origin + path;
    },
    close: () => site.close(),
  };
};

const CHROMIUM = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that is not on loopback, for what only loopback pages may do.
  '--host-resolver-rules=MAP example.test 127.0.0.1',
];

export const launch = async (name, options = {}) => {
  const profile = await mkdtemp(join(tmpdir(), 'chathub-test-'));
  // A time zone that is never UTC, for whatever takes one for the other.
  const env = { ...process.env, TZ: 'America/St_Johns' };
  const patient = { timeout: PATIENCE, protocolTimeout: PATIENCE, env };
  const browser = await puppeteer.launch(
    name === 'chromium'
      ? {
          executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
          userDataDir: profile,
          args: CHROMIUM,
          // Chromium's back/forward cache is switched off by the driver unless asked not to.
          ignoreDefaultArgs: ['--disable-back-forward-cache'],
          ...patient,
          ...options,
        }
      : { browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', headless: true, extraPrefsFirefox: { 'network.dns.localDomains': 'example.test' }, ...patient, ...options },
  );
  return {
    browser,
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

const running = new Map();
after(() => Promise.all([...running.values()].map(async (launched) => (await launched).close())));
const browserFor = (name) => {
  if (!running.has(name)) running.set(name, launch(name));
  return running.get(name).then(({ browser }) => browser);
};

/** What there is of the chat in a page; runs there. */
export const counts = () => ({
  scripts: document.querySelectorAll('[id^=operator-chat-panel-script]').length,
  panels: document.querySelectorAll('.widget').length,
  shown: document.querySelectorAll('chathub-box').length,
  evaluations: window.__evals?.length,
});
/** What a page with one live chat has. */
export const ONE = { scripts: 1, panels: 1, shown: 0, evaluations: 1 };

/** How long anything may take before a test gives up, in milliseconds. It is only used up by what never comes, so a busy machine makes no difference. */
export const PATIENCE = Number(process.env.PATIENCE ?? 300_000);

/** Polls until `check` returns something truthy, and returns it. */
export const until = async (check, what = String(check)) => {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) assert.fail(`timed out: ${what}`);
    await pause(20);
  }
};

/** A reply with a token whose life follows the page's clock. The driver may hear of the page later than the page asks. */
export const fromClock = (run, seconds) => async () => {
  const now = await until(() => run(() => window.__clock?.now()).catch(() => null), "the page's clock");
  const iat = Math.floor(now / 1000);
  return [200, { date: new Date(now).toUTCString() }, jwt({ iat, exp: iat + seconds })];
};

const TOKEN = /eyJ[\w-]+\.[\w-]+\.s{43}/;

/** In every page: `__box` finds what is in our closed box; each event of ours is told to the console, which is searched. */
const prepare = () => {
  const roots = new WeakMap();
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    roots.set(this, root);
    return root;
  };
  window.__box = (selector) => {
    const host = document.querySelector('chathub-box');
    return host && roots.get(host).querySelector(selector ?? '[role=region]');
  };
  for (const name of ['state', 'ready', 'error', 'refresh'])
    document.addEventListener('chathub:' + name, ({ type, detail }) => console.debug(type, JSON.stringify(detail)));
};

/** Everything that a page leaves behind, as text. */
const leftovers = async () => {
  const said = async (read) => {
    try {
      return String(await read());
    } catch {
      return ''; // A page such as about:blank may have none.
    }
  };
  const databases = async () => {
    const done = (request) => new Promise((good, bad) => Object.assign(request, { onsuccess: () => good(request.result), onerror: bad }));
    const all = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) all.push(await done(database.transaction(store).objectStore(store).getAll()));
      database.close();
    }
    return JSON.stringify(all);
  };
  const cached = async () => {
    const all = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) all.push(request.url, await (await caches.match(request)).text());
    return all;
  };
  const places = [() => JSON.stringify({ ...localStorage }), () => JSON.stringify({ ...sessionStorage }), () => document.cookie, () => location.href];
  places.push(() => JSON.stringify(history.state), () => window.name, () => performance.getEntries().map((entry) => entry.name), databases, cached);
  return (await Promise.all(places.map(said))).join('\n');
};

/**
 * Opens a page that prerenders `/next`, and returns what makes its visitor go there. It is in a tab of its own, of which the driver
 * takes no notice: where a prerendered page takes over from one that it follows, it breaks at times (an error that nobody catches).
 */
export const prerender = async ({ world, open, run }, headers) => {
  let go;
  const gone = new Promise((done) => (go = done));
  world.site.routes['/go'] = async (_, response) => (await gone, response.writeHead(204).end());
  world.page('<a href="/next">next</a><script>fetch("/go").then(() => document.querySelector("a").click())</script>', {
    head: '<script type="speculationrules">{"prerender":[{"urls":["/next"],"eagerness":"immediate"}]}</script>',
    headers,
    path: '/before',
  });
  await open('<p>elsewhere</p>');
  await run(() => void window.open('/before', '_blank', 'noopener'));
  return go;
};

/** Registers one test per browser. The body gets its own world and page, which are closed whatever happens. */
export const each = (name, body, browsers = ['chromium', 'firefox']) => {
  for (const which of browsers.filter((b) => !process.env.ONLY || process.env.ONLY === b))
    test(`${name} [${which}]`, { timeout: 2 * PATIENCE }, async (t) => {
      const browser = await browserFor(which);
      const world = await makeWorld();
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      // In Firefox, a page that is at work on its own history stops a navigation that has just begun, and a visitor would try again.
      const goto = page.goto.bind(page);
      const unlessStopped = (error) => {
        if (!String(error.message).includes('NS_BINDING_ABORTED')) throw error;
      };
      page.goto = async (...args) => (await until(() => goto(...args).then((response) => ({ response }), unlessStopped), `navigation to ${args[0]}`)).response;
      await page.evaluateOnNewDocument(prepare);
      const problems = [];
      const complaints = [];
      const said = [];
      page.on('console', (message) => {
        said.push(message.text());
        if (['error', 'warn', 'warning', 'assert'].includes(message.type())) problems.push(message.text());
        if (message.type() === 'error') complaints.push({ text: message.text(), url: message.location().url });
      });
      page.on('pageerror', (error) => {
        said.push(String(error));
        complaints.push({ text: String(error) });
      });
      const helpers = {
        t,
        which,
        world,
        page,
        context,
        browser,
        /** Errors and warnings on the console. */
        problems,
        /** Errors on the console, with where they are from, and those that nobody caught. */
        complaints,
        run: (f, ...args) => page.evaluate(f, ...args),
        until: (f, ...args) => until(() => page.evaluate(f, ...args), String(f)),
        state: (wanted) =>
          until(
            () => page.evaluate((s) => window.ChatHub?.controller?.state === s, wanted),
            `state ${wanted}`,
          ).catch(async (error) => {
            error.message += `, is ${await page.evaluate(() => window.ChatHub?.controller?.state)}`;
            throw error;
          }),
        evals: () => page.evaluate(() => window.__evals ?? []),
        /** Opens a page that holds this body. */
        open: (html, options) => page.goto(world.page(html, options)),
        /** As `open`, with the clock in the test's hand. */
        clocked: (html, { head = '', skew = 0, ...options } = {}) =>
          page.goto(world.page(html, { head: `<script src="/clock.js" data-skew="${skew}"></script>${head}`, ...options })),
        contactVisible: () =>
          page.evaluate(() => {
            const link = [...document.querySelectorAll('a[data-chathub-contact]'), window.__box?.('a')].find((a) => a?.isConnected && a.checkVisibility({ visibilityProperty: true }));
            return link?.getAttribute('href');
          }),
      };
      try {
        await body(helpers);
        assert.ok(!said.some((text) => TOKEN.test(text)), 'no token in the console, nor in an event');
        // A test may leave its page on the way to another, or closed: then another page tells what is kept.
        let witness = page;
        const look = async () => {
          try {
            return await witness.evaluate(leftovers);
          } catch {
            witness = await context.newPage();
            await witness.goto(world.site.origin + '/runtime.js');
          }
        };
        const left = await until(look, 'what the page leaves behind');
        assert.doesNotMatch(left, TOKEN, 'no token in storage, caches, history or URLs');
        assert.ok(!world.site.log.some(({ search, headers }) => TOKEN.test(search + headers.referer + headers.cookie)), 'no token in a request');
      } finally {
        await context.close().catch(() => {});
        await world.close();
      }
    });
};
