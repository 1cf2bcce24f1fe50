// Measures what a chat costs a page: the page without one, with the vendor's bare tag, and with the loader tag; on a slow network and a
// slow processor, in Chromium. `npm run measure [ROUNDS]` prints a table.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';

/** What is assumed of the vendor's script, which cannot be loaded in a test: its size, how long it runs, and what it leaves in the page. */
const VENDOR = { bytes: 350_000, milliseconds: 50, nodes: 40, listeners: 20 };
/** A phone on a slow mobile network, as Lighthouse has it. */
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const PROCESSOR = { rate: 4 };

const [RUNTIME, MORE, BOX] = await Promise.all(['runtime', 'more', 'box'].map((name) => readFile(new URL(`../dist/${name}.js`, import.meta.url))));

/** A token as endpoints give it, which lives for a day. */
const token = () => {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: 'HS256' }, { iat: now, exp: now + 86_400 }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return JSON.stringify({ token: [...parts, 's'.repeat(43)].join('.') });
};

/** Text that no compression makes smaller, were there any. */
const filler = (bytes) => {
  let seed = 1;
  const letter = () => ((seed = (seed * 48271) % 2147483647), (seed % 36).toString(36));
  return Array.from({ length: bytes }, letter).join('');
};

const WIDGET = `const filler = '${filler(VENDOR.bytes)}';
const end = performance.now() + ${VENDOR.milliseconds};
while (performance.now() < end);
const panel = document.createElement('div');
panel.id = 'panel';
panel.style = 'position:fixed;right:8px;bottom:8px;width:64px;height:64px;background:#2457d6';
for (let n = 1; n < ${VENDOR.nodes}; n++) panel.append(document.createElement('span'));
for (let n = 0; n < ${VENDOR.listeners}; n++) panel.addEventListener('click', () => n);
document.body.append(panel);`;

/** A picture of a shop's first screen, of a weight that is usual for one. */
const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><!--${filler(120_000)}--><rect width="800" height="400" fill="#5b7"/></svg>`;
const STYLE = `body{font:16px/1.5 sans-serif;margin:16px}img{max-width:100%}/*${filler(20_000)}*/`;

const page = (tag) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="stylesheet" href="/style.css"></head>
<body><h1>North Trail</h1><p>${'Boots and tents for long days outside. '.repeat(40)}</p><img src="/picture.svg" width="800" height="400" alt="">
<p>${'Boots and tents for long days outside. '.repeat(400)}</p>${tag}</body></html>`;

const loader = (load, vendor) =>
  `<script type="module" src="/runtime.js" data-chathub data-endpoint="/token" data-load="${load}" data-src="${vendor}/widget.js"></script>`;

/** The kinds of page, what their tag is, and whether their chat comes by itself. */
export const KINDS = {
  'no chat': [() => '', false],
  "the vendor's bare tag": [(vendor) => `<script type="module" id="operator-chat-panel-script" src="${vendor}/widget.js" token="t"></script>`, true],
  'the loader tag, `load = "idle"`': [(vendor) => loader('idle', vendor), true],
  'the loader tag, `load = "interaction"`, before one': [(vendor) => loader('interaction', vendor), false],
};

const serve = async (answer) => {
  const server = createServer((request, response) => {
    const [type, body] = answer(new URL(request.url, 'http://x').pathname) ?? [];
    response.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain', 'access-control-allow-origin': '*', 'cache-control': 'no-store' }).end(body);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const close = () => (server.closeAllConnections(), server.close());
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
};

/** Counts listeners and shifts; runs in the page before anything else. */
const watch = () => {
  window.__listeners = 0;
  window.__shift = 0;
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (...given) {
    if (this instanceof Node || this === window) window.__listeners++;
    return add.apply(this, given);
  };
  EventTarget.prototype.removeEventListener = function (...given) {
    if (this instanceof Node || this === window) window.__listeners--;
    return remove.apply(this, given);
  };
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.__shift += entry.value))).observe({ type: 'layout-shift', buffered: true });
};

/** What one load has cost; runs in the page. */
const figures = async () => ({
  paint: await new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({ type: 'largest-contentful-paint', buffered: true })),
  shift: window.__shift,
  listeners: window.__listeners,
  nodes: document.querySelectorAll('*').length,
});

/**
 * Loads each kind of page so often, in turns, and gives what each load has cost, by kind. A slow processor changes nothing but times, and
 * emulating one keeps the machine's own busy.
 */
export const measure = async (browser, rounds, processor = PROCESSOR) => {
  const vendor = await serve((path) => (path === '/widget.js' ? ['text/javascript', WIDGET] : undefined));
  let tag = '';
  const files = { '/style.css': ['text/css', STYLE], '/picture.svg': ['image/svg+xml', PICTURE], '/runtime.js': ['text/javascript', RUNTIME] };
  const site = await serve((path) => {
    if (path === '/') return ['text/html', page(tag)];
    if (path === '/token') return ['application/json', token()];
    if (/^\/(more|box)\./.test(path)) return ['text/javascript', path.startsWith('/more') ? MORE : BOX];
    return files[path];
  });
  const found = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  try {
    for (let round = 0; round < rounds; round++)
      for (const [kind, [make, comes]] of Object.entries(KINDS)) {
        tag = make(vendor.origin);
        // Nothing is kept from one load to the next, no connection either.
        const context = await browser.createBrowserContext();
        const load = await context.newPage();
        let requests = 0;
        load.on('request', (request) => request.url().endsWith('favicon.ico') || requests++);
        const session = await load.createCDPSession();
        await session.send('Network.enable');
        await session.send('Performance.enable');
        await session.send('Network.emulateNetworkConditions', NETWORK);
        await session.send('Emulation.setCPUThrottlingRate', processor);
        await load.evaluateOnNewDocument(watch);
        await load.goto(site.origin + '/', { waitUntil: 'networkidle0', timeout: 0 });
        const isThere = () => !!document.getElementById('panel') && (!window.ChatHub || ChatHub.controller.state === 'ready');
        if (comes) await load.waitForFunction(isThere, { timeout: 0 });
        const { metrics } = await session.send('Performance.getMetrics');
        const script = metrics.find(({ name }) => name === 'ScriptDuration').value * 1000;
        found[kind].push({ ...(await load.evaluate(figures)), script, requests });
        await context.close();
      }
  } finally {
    site.close();
    vendor.close();
  }
  return found;
};

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = Number(process.argv[2] ?? 15);
  const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'], protocolTimeout: 0 });
  try {
    const found = await measure(browser, rounds);
    const of = (kind, what) => median(found[kind].map((load) => load[what]));
    console.log(`| page | LCP | CLS | scripts | requests | listeners | nodes |\n| --- | --- | --- | --- | --- | --- | --- |`);
    for (const kind of Object.keys(KINDS)) {
      // Loads of one round, which had the same from the machine.
      const later = median(found[kind].map((load, n) => load.paint - found['no chat'][n].paint));
      const difference = kind === 'no chat' ? '' : ` (${later < 0 ? '−' : '+'}${Math.abs(later).toFixed(0)})`;
      console.log(`| ${kind} | ${of(kind, 'paint').toFixed(0)} ms${difference} | ${of(kind, 'shift')} | ${of(kind, 'script').toFixed(0)} ms | ${of(kind, 'requests')} | ${of(kind, 'listeners')} | ${of(kind, 'nodes')} |`);
    }
    console.log(`\nMedians of ${rounds} loads of each.`);
  } finally {
    await browser.close();
  }
}
