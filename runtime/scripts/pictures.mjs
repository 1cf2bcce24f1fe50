// Draws docs/runtime.webp: what visitors see of the runtime, in each of its states, in a real Chromium.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import puppeteer from 'puppeteer-core';

const [RUNTIME, MORE, BOX] = await Promise.all(['runtime', 'more', 'box'].map((name) => readFile(new URL(`../dist/${name}.js`, import.meta.url))));
const PICTURE = new URL('../../docs/runtime.webp', import.meta.url);
const PANE = { width: 300, height: 150 };

// In the place of the vendor's widget.
const WIDGET = `const panel = document.createElement('div');
panel.textContent = 'The widget';
panel.style = 'position:fixed;right:8px;bottom:8px;padding:24px 16px;border-radius:8px;background:#2457d6;color:#fff';
document.body.append(panel);`;

const LOADER = 'type="module" src="/runtime.js" data-chathub data-endpoint="/token" data-src="/widget.js" data-load="eager"';
const CONTACT = 'data-contact="mailto:help@example.com"';
const DARK = '<style>:root { color-scheme: dark } body { background: #16181d; color: #e4e6eb }</style>';
const ARABIC = `data-texts='{"failed":"الدردشة غير متاحة","contact":"راسلنا"}'`;

/** Each state: its caption, how the endpoint answers, what the page holds. */
const PANES = [
  { caption: 'loading', answer: 'never', state: 'loading' },
  { caption: 'ready', answer: 'token', state: 'ready' },
  { caption: 'failed, with a contact', answer: 'none', state: 'failed', options: CONTACT },
  { caption: 'several organizations', answer: 'token', state: 'waiting', options: `data-orgs="sales support" data-texts='{"orgs":{"sales":"Sales","support":"Support"}}'` },
  { caption: 'a dark page', answer: 'none', state: 'failed', options: CONTACT, head: DARK, lang: 'de' },
  { caption: 'right to left', answer: 'none', state: 'failed', options: `${CONTACT} ${ARABIC}`, lang: 'ar" dir="rtl', text: ['متجر', 'أحذية وخيام للأيام الطويلة في الخارج.'] },
];

const page = ({ options = '', head = '', lang = 'en', text: [title, words] = ['North Trail', 'Boots and tents for long days outside.'] }) =>
  `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title>Shop</title>
  <style>body { font: 15px/1.5 sans-serif; margin: 12px 16px } h1 { font-size: 20px; margin: 0 }</style>${head}
  <h1>${title}</h1><p>${words}<script ${LOADER} ${options}></script>`;

let pane = PANES[0];
const server = createServer((request, response) => {
  const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
  const { pathname } = new URL(request.url, 'http://x');
  if (pathname === '/') send('text/html', page(pane));
  else if (pathname === '/runtime.js') send('text/javascript', RUNTIME);
  else if (pathname.startsWith('/more.')) send('text/javascript', MORE);
  else if (pathname.startsWith('/box.')) send('text/javascript', BOX);
  else if (pathname === '/widget.js') send('text/javascript', WIDGET);
  else if (pathname !== '/token' || pane.answer === 'none') response.writeHead(404).end();
  else if (pane.answer === 'token') send('application/json', '"test-token-for-development"');
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const tab = await browser.newPage();
  await tab.setViewport(PANE);
  await tab.evaluateOnNewDocument(() => {
    const { attachShadow } = Element.prototype;
    Element.prototype.attachShadow = function (options) {
      return (window.__box = attachShadow.call(this, options));
    };
  });
  const figures = [];
  for (pane of PANES) {
    await tab.goto(`http://127.0.0.1:${server.address().port}/`);
    await tab.waitForFunction((state) => window.ChatHub?.controller.state === state, {}, pane.state);
    // The box comes with the third file; of a loading chat, after a while.
    if (pane.state !== 'ready') await tab.waitForFunction(() => window.__box?.textContent.trim());
    const image = await tab.screenshot({ encoding: 'base64' });
    figures.push(`<figure><img src="data:image/png;base64,${image}"><figcaption>${pane.caption}</figcaption></figure>`);
  }
  const [across, gap] = [3, 12];
  await tab.setViewport({ width: across * (PANE.width + 2 + gap) + gap, height: 100 });
  await tab.setContent(`<style>body { margin: ${gap}px; display: grid; gap: ${gap}px; grid-template-columns: repeat(${across}, max-content); font: 14px sans-serif; background: #fff }
    figure { margin: 0 } img { display: block; border: 1px solid #aaa } figcaption { padding-top: 4px; color: #333 }</style>${figures.join('')}`);
  const picture = await tab.screenshot({ type: 'webp', quality: 85, fullPage: true });
  await writeFile(PICTURE, picture);
  console.log(`docs/runtime.webp: ${picture.length} B`);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
