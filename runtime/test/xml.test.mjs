// Pages that are served as XML: what the real binary writes into them runs in both browsers; and where such a page is served as HTML.
import { injectPages } from './fixtures.mjs';
import { assert, counts, each, jwt, ONE, until } from './harness.mjs';

const XHTML = 'http://www.w3.org/1999/xhtml';
const XML = 'application/xhtml+xml';
const STRICT = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">';
const page = (body, { head = '', doctype = '<!DOCTYPE html>', attributes = 'xml:lang="uk"' } = {}) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${doctype}\n<html xmlns="${XHTML}" ${attributes}><head><title>A page</title>${head}</head>` +
  `<body><h1>Hello</h1>${body}</body></html>\n`;

const PAGES = {
  'plain.xhtml': page('<p>x<br/></p>'),
  'hidden.xhtml': page('<pre><![CDATA[</body></html><script data-chathub=""></script>]]></pre><!--> </body> --><?x </body>?>'),
  'entities.xhtml': page('<p>&nbsp;&rarr;</p>', { doctype: STRICT }),
  'own-entities.xhtml': page('<p>&mine;&nbsp;</p>', { doctype: STRICT.replace('>', ' [<!ENTITY mine "<b>mine</b>">]>') }),
  'prefix.xhtml': `<h:html xmlns:h="${XHTML}"><h:head><h:title>x</h:title></h:head><h:body><h:p>y</h:p></h:body></h:html>`,
  'svg.xhtml': page('<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[/* </body> */]]></script><g/></svg>'),
  'empty.xhtml': `<html xmlns="${XHTML}"><head><title>x</title></head><body/></html>`,
  'swallowed.xhtml': page('', { head: '<script src="/nothing.js"/>' }),
  'pasted.xhtml': page('<noscript><script type="module" src="/old.js" data-chathub=""/></noscript>'),
  'declared.html': page('<p>x<br/></p>'),
};
/** Those that are beyond help as HTML, where a tag cannot close itself and a name has no prefix. */
const XML_ONLY = ['swallowed.xhtml', 'pasted.xhtml'];

for (const position of ['body-end', 'head-end'])
  each(`XML: the loader runs, with its tag at ${position}`, async ({ t, world, page, run, state, complaints }) => {
    await injectPages(PAGES, '', world, t, { args: ['--position', position] });
    world.site.routes['/nothing.js'] = [200, { 'content-type': 'text/javascript' }, ''];
    for (const name of Object.keys(PAGES))
      for (const type of XML_ONLY.includes(name) ? [XML] : [XML, 'text/html']) {
        complaints.length = 0;
        await page.goto(`${world.site.origin}/${name}?${type}`);
        await state('ready').catch((error) => assert.fail(`${name} as ${type}: ${error.message}`));
        assert.deepEqual(await run(counts), ONE, `${name} as ${type}`);
        assert.deepEqual(complaints, [], `${name} as ${type}`);
        assert.equal(await run(() => document.contentType), type);
      }
  });

each('XML: the vendor\'s tag of static mode runs, in XML and in HTML', async ({ t, world, page, run, evals, complaints }) => {
  const token = jwt();
  const config = 'mode = "static"\ndefault-organization = "support"\n[organizations.support]\nid = 6\ntoken = { env = "SUPPORT" }\n';
  const { 'pasted.xhtml': _, ...pages } = PAGES;
  await injectPages(pages, config, world, t, { args: ['--position', 'head-end'], env: { SUPPORT: token } });
  world.site.routes['/nothing.js'] = [200, { 'content-type': 'text/javascript' }, ''];
  for (const name of Object.keys(pages))
    // Its host calls this one HTML, and there the tag must wait for the page.
    for (const type of name === 'declared.html' ? ['text/html'] : XML_ONLY.includes(name) ? [XML] : [XML, 'text/html']) {
      complaints.length = 0;
      await page.goto(`${world.site.origin}/${name}?${type}`);
      await until(async () => (await evals()).length === 1, `${name} as ${type}`);
      assert.equal((await evals())[0].token === token, true, 'with its token');
      assert.equal(await run(() => document.querySelectorAll('.widget').length), 1);
      assert.deepEqual(complaints, [], `${name} as ${type}`);
    }
  // The harness wants no token anywhere in the open page; this mode publishes one, in its tag alone.
  await page.goto('about:blank');
});

each('XML: the contact is shown while there is no chat, in the language of the page', async ({ t, world, page, run, state, contactVisible }) => {
  const contact = 'mailto:help@example.com';
  const pages = { 'link.xhtml': PAGES['plain.xhtml'], 'prefix.xhtml': PAGES['prefix.xhtml'] };
  await injectPages(pages, '', world, t, { args: ['--contact', contact] });
  world.replies.push([403, {}, 'no']);
  for (const name of Object.keys(pages)) {
    await page.goto(`${world.site.origin}/${name}?${XML}`);
    await state('failed');
    await until(async () => (await contactVisible()) === contact, `the contact in ${name}`);
    const said = await run(() => __box('[role=status]').textContent);
    assert.match(said, name === 'link.xhtml' ? /^Чат недоступний/ : /^Chat unavailable/, name);
  }
});

each('XML: a contact link in the page is hidden while there is a chat', async ({ t, world, page, state, contactVisible }) => {
  const config = '[placeholder]\ncontact = "mailto:help@example.com"\ncontact-link = true\n';
  const { 'plain.xhtml': plain, 'prefix.xhtml': prefix } = PAGES;
  await injectPages({ 'plain.xhtml': plain, 'prefix.xhtml': prefix }, config, world, t);
  for (const name of ['plain.xhtml', 'prefix.xhtml']) {
    await page.goto(`${world.site.origin}/${name}?${XML}`);
    assert.equal(await page.$eval('[data-chathub-contact]', (link) => link.href), 'mailto:help@example.com', name);
    await state('ready');
    await until(async () => (await contactVisible()) === undefined, `no link in ${name}`);
  }
});
