// What the visitor's own browser does not let through: ad blockers know addresses of chats. Requests fail at once, and never reach a server.
import { assert, each, loader, until, CONTACT, MORE_PATH } from './harness.mjs';

const HREF = 'mailto:help@example.com';
const ELSEWHERE = 'mailto:other@example.com';

/** Blocks requests to some paths, which the test may change, as extensions do. */
const blocker = async (page, ...paths) => {
  const block = { paths, blocked: [] };
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    const isBlocked = block.paths.includes(pathname);
    if (isBlocked) block.blocked.push(pathname);
    // The page may be gone by then.
    (isBlocked ? request.abort('blockedbyclient') : request.continue()).catch(() => {});
  });
  return block;
};

/** What is wrong, as events tell; and how many requests of scripts and by `fetch` have failed, as far as the page knows. */
const LISTEN = `<script>
  window.__codes = []; addEventListener('chathub:error', ({ detail }) => __codes.push(detail.code));
  window.__failures = 0; addEventListener('error', ({ target }) => target.src && __failures++, true);
  { const { fetch } = window;
    window.fetch = (...given) => { const reply = fetch(...given); reply.catch(() => __failures++); return reply; }; }
</script>`;

for (const [what, path, code] of [
  ["the widget's script", '/widget.js', 'script'],
  ['the endpoint', '/token', 'network'],
])
  each(`28 ${what} is blocked in the browser: the contact soon, failed in the end, and a chat once it is let through`, async ({ which, page, clocked, run, state, evals, contactVisible }) => {
    const block = await blocker(page, path);
    const { blocked } = block;
    await clocked(LISTEN + loader({ 'data-contact': HREF }));
    // Before the page's time goes on: on a busy machine its limits would be over before the browser has said so.
    await until(() => run(() => __failures), 'a blocked request');
    // A visitor who has waited for two seconds is told where else to turn.
    await run(() => __clock.advance(2000));
    await until(async () => (await contactVisible()) === HREF, 'the contact');
    // Each attempt may come after a minute at most: five, and then it is said.
    await until(async () => {
      await run(() => __clock.advance(60_000));
      return run(() => __codes.length > 0);
    }, 'an error');
    await state('failed');
    // Firefox tells such a request from one that the network has lost; Chromium only by its time.
    const codes = await run(() => __codes);
    assert.ok(codes.length === 1 && [which === 'firefox' ? 'blocked' : code, 'blocked'].includes(codes[0]), `${codes}`);
    assert.equal(await run(() => __box('[role=status]').textContent), 'Chat unavailable');
    assert.equal(await contactVisible(), HREF);
    assert.ok(blocked.length >= 2 && blocked.length <= 6, `${blocked.length} requests`);
    assert.deepEqual(await evals(), []);
    block.paths = [];
    // Tried again by itself, within five minutes.
    await run(() => __clock.advance(300_000));
    await state('ready');
    assert.equal((await evals()).length, 1);
    assert.equal(await run(() => document.querySelector('chathub-box')), null);
  });

each('28 the runtime, or its second file, is blocked in the browser: the page’s own contact link stays', async ({ world, page, open, run, state, contactVisible, problems }) => {
  const block = await blocker(page, '/runtime.js', MORE_PATH);
  await open(CONTACT + loader());
  await until(() => block.blocked.length, 'the runtime is blocked');
  assert.equal(await contactVisible(), HREF);
  assert.equal(world.asked().length, 0);
  // The chat comes without the second file; a failure is a failure without it, too.
  block.paths = [MORE_PATH];
  await open(CONTACT + loader({ 'data-contact': ELSEWHERE }));
  await state('ready');
  world.replies.push([403, {}, '']);
  await open(CONTACT + loader({ 'data-contact': ELSEWHERE }));
  await state('failed');
  await until(() => block.blocked.includes(MORE_PATH), 'the second file is asked for');
  assert.equal(await contactVisible(), HREF);
  assert.ok(!problems.some((problem) => problem.includes('Uncaught')), `${problems}`);
});
