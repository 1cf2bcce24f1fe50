// Runs in every document before anything else does, and takes notes of what the runtime announces and of what a policy blocks.
(() => {
  const notes = { errors: [], blocked: [] };
  Object.defineProperty(window, Symbol.for('chathub.verify'), { value: notes });
  const listen = (name, note) => addEventListener(name, note, true);
  listen('chathub:error', ({ detail }) => notes.errors.push(String(detail?.code)));
  listen('securitypolicyviolation', ({ blockedURI, effectiveDirective, disposition, sample, sourceFile }) => {
    if (disposition === 'enforce') notes.blocked.push({ what: blockedURI, directive: effectiveDirective, sample, source: sourceFile });
  });
})();
