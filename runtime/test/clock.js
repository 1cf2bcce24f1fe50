// A clock in the test's hand: time stands still until `__clock.advance`. Timers under a second stay real, so that
// what the page does between two tasks goes on by itself.
(() => {
  const RealDate = Date;
  const realTimeout = window.setTimeout.bind(window);
  const realClear = window.clearTimeout.bind(window);
  let now = RealDate.now() + Number(document.currentScript.dataset.skew);
  let monotonic = performance.now();
  let next = 1e9;
  const timers = new Map();
  const delays = [];
  const realFetch = window.fetch.bind(window);
  // Counted here: browsers repeat some requests by themselves when a kept connection breaks, or after a 408.
  window.fetch = (...args) => (window.__clock.fetches++, realFetch(...args));
  window.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length ? given : [now]));
    }
    static now() {
      return now;
    }
  };
  performance.now = () => monotonic;
  window.setTimeout = (run, delay = 0, ...args) => {
    delays.push(delay);
    if (delay < 1000) return realTimeout(run, delay, ...args);
    timers.set(++next, { at: now + delay, run: () => run(...args) });
    return next;
  };
  window.setInterval = (run, every, ...args) => {
    timers.set(++next, { at: now + every, run: () => run(...args), every });
    return next;
  };
  window.clearTimeout = window.clearInterval = (id) => timers.delete(id) || realClear(id);
  window.__clock = {
    fetches: 0,
    delays,
    /** How long until the next timers, in milliseconds; not those that come again and again. */
    pending: () => [...timers.values()].filter(({ every }) => !every).map(({ at }) => at - now).sort((a, b) => a - b),
    /** Lets time pass; `asleep` as in a frozen tab: no timer fires on the way. */
    advance(ms, asleep) {
      const end = now + ms;
      if (!asleep)
        for (;;) {
          const [id, timer] = [...timers].sort((a, b) => a[1].at - b[1].at)[0] ?? [];
          if (!timer || timer.at > end) break;
          timers.delete(id);
          monotonic += Math.max(0, timer.at - now);
          now = Math.max(now, timer.at);
          timer.run();
          if (timer.every) timers.set(id, { ...timer, at: timer.at + timer.every });
        }
      monotonic += end - now;
      now = end;
    },
    /** Only the clock on the wall changes: the visitor sets it, or the machine sleeps. Timers have as long to go as before. */
    set(ms) {
      now += ms;
      for (const timer of timers.values()) timer.at += ms;
    },
    now: () => now,
  };
})();
