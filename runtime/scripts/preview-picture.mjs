// Draws docs/preview.webp from `chathub preview` of the demo site, in Debian's Chromium.
//   cargo build && node runtime/scripts/preview-picture.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { launch } from '../test/harness.mjs';

const root = new URL('../../', import.meta.url).pathname;
const arguments_ = ['preview', '--port', '0', '-c', 'fixtures/demo/chathub.toml', 'fixtures/demo/public'];
const server = spawn(root + 'target/debug/chathub', arguments_, { cwd: root });
const { browser, close } = await launch('chromium');
try {
  let said = '';
  while (!/http:\S+/.test(said)) said += await once(server.stdout, 'data');
  const page = await browser.newPage();
  await page.setViewport({ width: 900, height: 520, deviceScaleFactor: 1.5 });
  await page.goto(said.match(/http:\S+/)[0] + 'shop/');
  await page.waitForFunction(() => document.querySelector('chathub-preview')?.shadowRoot.textContent.includes('expires in'));
  await page.screenshot({ path: root + 'docs/preview.webp', type: 'webp', quality: 82 });
} finally {
  await close();
  server.kill('SIGINT');
}
