// Draws docs/report.webp from the report in HTML of the demo site, in Debian's Chromium.
//   cargo build && node runtime/scripts/report-picture.mjs
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../test/harness.mjs';

const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'chathub-report-'));
const { browser, close } = await launch('chromium');
try {
  cpSync(root + 'fixtures/demo', folder, { recursive: true });
  spawnSync(root + 'target/debug/chathub', ['verify', '-q', '--report', 'html=report.html'], { cwd: folder });
  const page = await browser.newPage();
  await page.setViewport({ width: 900, height: 640, deviceScaleFactor: 1.25 });
  await page.goto(`file://${folder}/report.html`);
  await page.screenshot({ path: root + 'docs/report.webp', type: 'webp', quality: 70 });
} finally {
  await close();
  rmSync(folder, { recursive: true, force: true });
}
