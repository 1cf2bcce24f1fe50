// Policies in pages: what `chathub verify` calls blocked is blocked in both browsers, and a page that it calls right has its chat.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chathub } from './binary.mjs';
import { assert, each, MORE_PATH, RUNTIME, serve, until } from './harness.mjs';

const HASH = `'sha384-${createHash('sha384').update(RUNTIME).digest('base64')}'`;
const JS = { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' };
const meta = (...policies) => policies.map((policy) => `<meta http-equiv="Content-Security-Policy" content="${policy}">`).join('');

/** What stands in the head, and what it blocks: nothing, or words of the finding. `VENDOR` is the address of the widget's script. */
const PAGES = {
  'no script': [meta("script-src 'none'"), "`script-src 'none'` blocks /chathub-assets/runtime."],
  'nothing by default': [meta("default-src 'none'; style-src *"), "`default-src 'none'` blocks /chathub-assets/runtime."],
  'scripts of others only': [meta('script-src VENDOR'), 'blocks /chathub-assets/runtime.'],
  'own scripts only': [meta("script-src 'self'"), "`script-src 'self'` blocks VENDOR (the widget's script)"],
  'another path of the vendor': [meta("script-src 'self' VENDOR/"), "blocks VENDOR (the widget's script)"],
  'own scripts and the vendor': [meta("default-src 'none'; script-src 'self' VENDOR; connect-src 'self'")],
  'elements apart': [meta("script-src 'none'; script-src-elem 'self' VENDOR")],
  'elements forbidden': [meta("script-src 'self' VENDOR; script-src-elem 'self'"), 'blocks VENDOR'],
  'another endpoint': [meta("connect-src https://api.example"), '`connect-src https://api.example` blocks /token (the token endpoint)'],
  'no connections by default': [meta("default-src 'none'; script-src 'self' VENDOR"), "`default-src 'none'` blocks /token"],
  'two policies that agree': [meta("script-src 'self' VENDOR", "connect-src 'self'")],
  'two policies that do not': [meta("script-src 'self' VENDOR", "script-src 'self'"), "`script-src 'self'` blocks VENDOR"],
  'the first directive counts': [meta("connect-src 'self'; connect-src 'none'")],
  'a comma': [meta("script-src 'self' VENDOR, connect-src 'none'"), 'blocks'],
  'strict, with the hash': [meta(`script-src ${HASH} 'strict-dynamic'`)],
  'strict, without it': [meta("script-src 'self' VENDOR 'strict-dynamic'"), "'strict-dynamic'` blocks /chathub-assets/runtime."],
  'the hash, and the vendor': [meta(`script-src ${HASH} VENDOR`), `blocks /chathub-assets/${MORE_PATH.slice(1)}`],
  'a nonce': [meta("script-src 'nonce-r4nd0m'"), undefined, ['--config', 'nonce.toml']],
  'another nonce': [meta("script-src 'nonce-other'"), 'blocks /chathub-assets/runtime.', ['--config', 'nonce.toml']],
  'types of others': [meta("require-trusted-types-for 'script'; trusted-types other"), '`trusted-types other` blocks `chathub`'],
  'types of others, nothing required': [meta('trusted-types other'), '`trusted-types other` blocks `chathub`'],
  'our types': [meta("require-trusted-types-for 'script'; trusted-types other chathub")],
  'any types': [meta("require-trusted-types-for 'script'")],
  'a sandbox': [meta("sandbox; frame-ancestors 'none'; report-uri /x")],
  'a report': [meta("script-src 'none'").replace('Policy', 'Policy-Report-Only')],
  'after the head': [`</head>${meta("script-src 'none'")}`, 'blocks /chathub-assets/runtime.'],
  'in the body': [`</head><body>${meta("script-src 'none'")}`],
  'in a head that has ended': [`<p>x</p>${meta("script-src 'none'")}`],
  'in a template': [`<template>${meta("script-src 'none'")}</template>`],
  'in a noscript': [`<noscript>${meta("script-src 'none'")}</noscript>`],
  'in a comment': [`<!-- ${meta("script-src 'none'")} -->`],
  'after the tag': [`LOADER${meta("script-src VENDOR")}`, `blocks /chathub-assets/${MORE_PATH.slice(1)}`],
  'after the tag, and the endpoint': [`LOADER${meta("script-src 'self' VENDOR; connect-src 'none'")}`, "`connect-src 'none'` blocks /token"],
  'after the tag, and right': [`LOADER${meta("script-src 'self' VENDOR; connect-src 'self'")}`],
  'white space around the keyword': [meta("script-src 'none'").replace('Content', ' Content')],
};
const LOADER = '<script type="module" src="/old.js" data-chathub=""></script>';

/** What was blocked, as the page is told; runs there before anything else. Firefox says so of its icon, too. */
const listen = () => {
  window.__blocked = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, disposition }) => disposition === 'enforce' && effectiveDirective !== 'img-src' && window.__blocked.push(effectiveDirective));
};

/** Makes the runtime load its second file. */
const renew = () => ChatHub.controller.refresh();

each('policies: what verify says and what a browser does is the same', async ({ t, which, world: { site }, page, run }) => {
  const work = await mkdtemp(join(tmpdir(), 'chathub-policy-'));
  t.after(() => rm(work, { recursive: true, force: true }));
  const vendor = await serve({ '/widget.js': [200, JS, site.routes['/widget.js'][2]] });
  t.after(() => vendor.close());
  const src = vendor.origin + '/widget.js';
  await writeFile(join(work, 'chathub.toml'), '');
  await writeFile(join(work, 'nonce.toml'), '[placeholder]\nnonce = "r4nd0m"\n');
  await page.evaluateOnNewDocument(listen);
  const folder = join(work, 'public');
  site.routes['*'] = async (request, response, url) => {
    const body = await readFile(join(folder, url.pathname)).catch(() => undefined);
    const type = url.pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body);
  };
  for (const [name, [head, finding, config = []]] of Object.entries(PAGES)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    const filled = head.replaceAll('VENDOR', src).replace('LOADER', LOADER);
    await writeFile(join(folder, 'page.html'), `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>${filled}<p>x</p></html>`);
    const command = async (what, ...more) => {
      const args = [what, ...config, '--endpoint', '/token', '--widget-src', src, '--load', 'eager', ...more, 'public'];
      const running = chathub(args, { cwd: work });
      return { status: await running.ended, said: running.said };
    };
    const injected = await command('inject');
    assert.equal(injected.status, 0, `${name}: ${injected.said}`);
    assert.equal(injected.said.includes('keeps the chat out'), !!finding, `${name}: ${injected.said}`);
    const report = join(work, 'report.json');
    const verified = await command('verify', '--report', `json=${report}`);
    const { pages } = JSON.parse(await readFile(report, 'utf8'));
    const findings = pages.flatMap((page) => page.findings ?? []);
    assert.equal(verified.status, finding ? 1 : 0, `${name}: ${verified.said}`);
    assert.ok(findings.every(({ rule }) => rule === 'csp-blocks-widget'), `${name}: ${verified.said}`);
    if (finding) assert.ok(findings.some(({ message }) => message.includes(finding.replaceAll('VENDOR', src))), `${name}: ${JSON.stringify(findings)}`);

    await page.goto(`${site.origin}/page.html`);
    // Older browsers know no Trusted Types, and lists of them are nothing to them.
    const old = finding?.includes('trusted-types') && !(await run(() => !!window.trustedTypes));
    const outcome = await until(
      () =>
        run(() => {
          if (window.__blocked.length) return 'blocked';
          return window.ChatHub?.controller?.state === 'ready' && 'ready';
        }),
      `an outcome of ${name}`,
    );
    const further = finding?.includes('/more.');
    assert.equal(outcome, finding && !old && !further ? 'blocked' : 'ready', `${name} [${which}]: ${await run(() => window.__blocked)}`);
    if (outcome === 'blocked') continue;
    await run(renew);
    await until(() => run(() => window.__evals.length === 2), `a second token of ${name}`);
    if (further) await until(() => run(() => window.__blocked.includes('script-src-elem')), `the second file of ${name} is blocked`);
    else assert.deepEqual(await run(() => window.__blocked), [], name);
  }
});
