// The binary as the tests run it: told to log all that it can, and searched for secrets when it has ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPANY, PASSWORD } from './api.mjs';

const BINARY = process.env.CHATHUB ?? new URL('../../target/debug/chathub', import.meta.url).pathname;

// A whole one, with its signature; messages shorten theirs.
const TOKEN = /eyJ[\w-]{7,}\.[\w-]+\.[\w-]{16,}/;

/** Wants that a text gives nothing away. */
const keepsSecrets = (text, where, { token = false } = {}) => {
  const credentials = [COMPANY, PASSWORD].filter((secret) => text.includes(secret));
  assert.deepEqual(credentials, [], `a credential of the company on ${where}`);
  assert.ok(token || !TOKEN.test(text), `a whole token on ${where}`);
};

/** Its environment: nothing of whoever runs the tests reaches it, but where programs and temporary files are. */
const OWN = { PATH: process.env.PATH, ...(process.env.TMPDIR && { TMPDIR: process.env.TMPDIR }), HOME: '/nonexistent', CHATHUB_LOG: 'debug' };

/**
 * Starts the binary: `said` is all that it has said so far; `ended` comes with its exit status, or fails if it has given something
 * away.
 */
export const chathub = (args, { cwd, env = {} }) => {
  const child = spawn(BINARY, args, { cwd, env: { ...OWN, ...env } });
  const run = { child, said: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (run.said += text));
  run.ended = once(child, 'close').then(([status]) => {
    keepsSecrets(run.said, `a stream of chathub ${args.join(' ')}`);
    return status;
  });
  return run;
};

/** Wants that no file in a folder gives anything away; those whose path matches `published` may hold operators' tokens. */
export const filesKeepSecrets = async (folder, published = /^$/) => {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const path = file.slice(folder.length + 1);
    keepsSecrets(await readFile(file, 'latin1'), path, { token: published.test(path) });
  }
};
