// Loads the page again when the site has changed. Added by `chathub preview`, in memory only.
(() => {
  const { version } = document.currentScript.dataset;
  const key = Symbol.for('chathub.preview.reload');
  let source;
  const close = () => {
    source?.close();
    source = undefined;
  };
  // A browser keeps six connections to a host: tabs that nobody looks at give theirs back, and look again later.
  const follow = () => {
    close();
    if (document.hidden || window[key] !== follow) return;
    source = new EventSource(`/.chathub/events?since=${version}`);
    source.addEventListener('reload', () => location.reload());
  };
  // Libraries that swap pages run this script again; the last one is in charge.
  const before = window[key];
  window[key] = follow;
  before?.();
  document.addEventListener('visibilitychange', follow);
  addEventListener('pagehide', close);
  addEventListener('pageshow', ({ persisted }) => persisted && follow());
  follow();
})();
