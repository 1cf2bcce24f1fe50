// The report in HTML in a real browser: its own policy lets its script and style run and nothing else, and the script sorts and filters.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chathub } from './binary.mjs';
import { assert, each, serve } from './harness.mjs';

const root = new URL('../../', import.meta.url).pathname;

/** The report on the demo site as it is before the first inject; `body` gets its address, and the log of its server. */
const report = async (body) => {
  const folder = await mkdtemp(join(tmpdir(), 'chathub-report-'));
  const server = await serve();
  try {
    await cp(root + 'fixtures/demo', folder, { recursive: true });
    assert.equal(await chathub(['verify', '--report', 'html=report.html'], { cwd: folder }).ended, 1);
    server.routes['/report.html'] = [200, { 'content-type': 'text/html' }, await readFile(join(folder, 'report.html'))];
    await body(`${server.origin}/report.html`, server.log);
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
};

/** The places of the findings that are shown, in their order. */
const places = (page) => page.$$eval('table.findings tbody tr:not([hidden]) th', (cells) => cells.map((cell) => cell.textContent));

const press = async (page, selector) => {
  await page.focus(selector);
  await page.keyboard.press('Enter');
};

each('report: tables are sorted and findings filtered by keyboard, and nothing is loaded', ({ page, problems }) =>
  report(async (url, log) => {
    await page.goto(url);
    const all = await places(page);
    assert.ok(all.length > 5);
    const by = 'table.findings thead th:nth-child(3)';
    await press(page, `${by} button`);
    assert.equal(await page.$eval(by, (head) => head.getAttribute('aria-sort')), 'ascending');
    assert.equal(await page.$$eval('table.findings [aria-sort]', (heads) => heads.length), 1);
    const order = new Intl.Collator('en', { numeric: true }).compare;
    const sorted = await places(page);
    assert.deepEqual(sorted, all.toSorted(order));
    await press(page, `${by} button`);
    assert.deepEqual((await places(page)).toSorted(order), sorted);
    assert.deepEqual(await places(page), all.toSorted((a, b) => order(b, a)));

    await page.type('input[name=words]', 'SHOP teapot');
    assert.deepEqual(await places(page), ['public/shop/teapot.html:29:1']);
    assert.equal(await page.$eval('#shown', (said) => said.textContent), `1 of ${all.length} shown`);
    await page.$eval('form', (form) => form.reset());
    await press(page, 'a[data-rule]');
    const rule = await page.$eval('a[data-rule]', (link) => link.textContent);
    const rules = await page.$$eval('table.findings tbody tr:not([hidden]) td:nth-child(2)', (cells) => cells.map((cell) => cell.textContent));
    assert.deepEqual(new Set(rules), new Set([rule]));
    await page.select('select[name=rule]', '');
    await page.click('input[value=error]');
    assert.deepEqual(await places(page), []);

    assert.deepEqual(problems, []);
    assert.deepEqual(log.map(({ path }) => path).filter((path) => path !== '/favicon.ico'), ['/report.html']);
  }),
);

each('report: without JavaScript all of it is there, and no control that would do nothing', ({ page }) =>
  report(async (url) => {
    await page.setJavaScriptEnabled(false);
    await page.goto(url);
    const main = await page.$('main');
    const text = await main.evaluate((element) => element.innerText);
    assert.match(text, /public\/shop\/teapot\.html:29:1/);
    assert.match(text, /missing-instance/);
    assert.ok(!(await (await page.$('form')).isVisible()));
    assert.equal(await page.$('button'), null);
  }),
  ['chromium'],
);
