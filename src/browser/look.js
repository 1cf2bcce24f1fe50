// Tells what there is in a document: scripts that may be tags of chats, the stand-ins that they started, and the runtime's state.
((signs) => {
  const notes = window[Symbol.for('chathub.verify')] ?? { errors: [], blocked: [] };
  const isOfInterest = ({ id, src, dataset, attributes }) =>
    'chathub' in dataset || /^(operator-chat-panel|chat-widget)-script/.test(id) || [...attributes].some(({ value }) => signs.some((sign) => value.includes(sign)));
  const scripts = [...document.querySelectorAll('script')].filter((script) => script instanceof HTMLScriptElement && isOfInterest(script));
  return {
    url: location.href,
    isTop: window === top,
    scripts: scripts.slice(0, 100).map(({ attributes }) => Object.fromEntries([...attributes].map(({ name, value }) => [name, value]))),
    standIns: document.querySelectorAll('chathub-preview').length,
    state: window.ChatHub?.controller?.state ?? null,
    ...notes,
  };
})
