// Prints what the runtime weighs, and fails over the budget.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const code = readFileSync(new URL('../dist/runtime.js', import.meta.url));
const brotli = brotliCompressSync(code, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: code.length },
}).length;
const gzip = gzipSync(code, { level: 9 }).length;
for (const [name, size, budget] of [
  ['raw', code.length, Infinity],
  ['brotli-11', brotli, 3000],
  ['gzip-9', gzip, 3400],
]) {
  const over = size > budget;
  console.log(`${name.padEnd(10)}${String(size).padStart(6)} B${budget < Infinity ? `  of ${budget}` : ''}${over ? '  OVER BUDGET' : ''}`);
  if (over) process.exitCode = 1;
}
