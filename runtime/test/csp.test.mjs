// Policies that a server sends: what `chathub csp` prints is enough in both browsers, and each source of it is needed.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chathub } from './binary.mjs';
import { assert, each, serve, until } from './harness.mjs';

const JS = { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' };
const NAME = 'content-security-policy';

/** What was blocked, as the page is told. Firefox says so of its icon, too. */
const listen = () => {
  window.__blocked = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, disposition }) => disposition === 'enforce' && effectiveDirective !== 'img-src' && window.__blocked.push(effectiveDirective));
};

/** The policy without each of its sources in turn, and what then blocks. */
const without = (policy) =>
  policy.split('; ').flatMap((directive, at, all) => {
    const [name, ...sources] = directive.split(' ');
    return sources.map((source) => {
      const rest = sources.filter((other) => other !== source);
      const changed = all.with(at, [name, ...(rest.length ? rest : ["'none'"])].join(' '));
      return [source, name, changed.join('; ')];
    });
  });

each('policies: what chathub csp prints is enough, and no source of it is superfluous', async ({ t, world: { site }, page, run }) => {
  const work = await mkdtemp(join(tmpdir(), 'chathub-csp-'));
  t.after(() => rm(work, { recursive: true, force: true }));
  const vendor = await serve({ '/widget.js': [200, JS, site.routes['/widget.js'][2]] });
  t.after(() => vendor.close());
  const src = vendor.origin + '/widget.js';
  const folder = join(work, 'public');
  await mkdir(folder);
  await writeFile(join(work, 'chathub.toml'), `[placeholder]\nendpoint = "/token"\nload = "eager"\n[widget]\nsrc = "${src}"\n`);
  await writeFile(join(folder, 'page.html'), '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title></head><body><p>x</p></body></html>');
  const command = async (...args) => {
    const running = chathub(args, { cwd: work });
    const status = await running.ended;
    return { status, said: running.said };
  };
  const injected = await command('inject', 'public');
  assert.equal(injected.status, 0, injected.said);
  const told = await command('csp', '--for', 'cloudflare', 'public');
  assert.equal(told.status, 0, told.said);
  const policy = told.said.match(/Content-Security-Policy: (.*)/)[1];
  assert.ok(policy.includes(src), policy);
  let headers = {};
  site.routes['*'] = async (request, response, url) => {
    const body = await readFile(join(folder, url.pathname)).catch(() => undefined);
    const html = !url.pathname.endsWith('.js');
    response.writeHead(body ? 200 : 404, { 'content-type': html ? 'text/html' : 'text/javascript', ...(html ? headers : {}) }).end(body);
  };
  await page.evaluateOnNewDocument(listen);
  /** What becomes of the chat. Browsers tell a page of what they blocked when they have time, which can be after it has failed. */
  const outcome = async (sent, what, isTold = false) => {
    headers = sent;
    await page.goto(`${site.origin}/page.html`);
    return until(
      () =>
        run((isTold) => {
          if (window.__blocked.length) return 'blocked ' + window.__blocked[0];
          // A module has run, or never will, once the page has loaded.
          if (!isTold && document.readyState === 'complete' && !window.ChatHub) return 'no runtime';
          const state = window.ChatHub?.controller?.state;
          return (state === 'ready' || (!isTold && state === 'failed')) && state;
        }, isTold),
      `an outcome of ${what}`,
    );
  };
  const types = "; require-trusted-types-for 'script'; trusted-types chathub";
  for (const enough of [policy, policy + types, `default-src 'none'; ${policy}`, "require-sri-for script; " + policy]) {
    assert.equal(await outcome({ [NAME]: enough }, enough), 'ready', enough);
    // The second file of the runtime, and a second token.
    await run(() => ChatHub.controller.refresh());
    await until(() => run(() => window.__evals.length === 2), `a second token under ${enough}`);
    assert.deepEqual(await run(() => window.__blocked), [], enough);
  }
  for (const [source, name, less] of without(policy)) {
    const effective = name === 'script-src' ? 'script-src-elem' : name;
    assert.equal(await outcome({ [NAME]: less }, less, true), `blocked ${effective}`, `${policy} without ${source}`);
  }
  // What verify says of headers that no source can satisfy.
  assert.equal(await outcome({ [NAME]: 'sandbox allow-scripts allow-same-origin' }, 'a sandbox'), 'ready');
  for (const [name, value] of [
    [NAME, 'sandbox'],
    [NAME, 'sandbox allow-scripts'],
    ['integrity-policy', 'blocked-destinations=(script)'],
  ]) {
    await writeFile(join(folder, '_headers'), `/*\n  ${name}: ${value}\n`);
    const verified = await command('verify', 'public');
    assert.ok(verified.status === 1 && verified.said.includes('csp-blocks-widget'), `${value}: ${verified.said}`);
    const came = await outcome({ [name]: value }, value);
    assert.notEqual(came, 'ready', `${name}: ${value}`);
  }
  if (await run(() => !!window.trustedTypes)) assert.match(await outcome({ [NAME]: 'trusted-types other' }, 'other types', true), /^blocked trusted-types/);
});
