// Prints what the runtime's files weigh, and fails over the budget.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

for (const [file, budgets] of Object.entries({ runtime: [2960, 3330], more: [2600, 3000], box: [2600, 3000] })) {
  const code = readFileSync(new URL(`../dist/${file}.js`, import.meta.url));
  const brotli = brotliCompressSync(code, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: code.length },
  }).length;
  const gzip = gzipSync(code, { level: 9 }).length;
  for (const [name, size, budget] of [
    ['raw', code.length, Infinity],
    ['brotli-11', brotli, budgets[0]],
    ['gzip-9', gzip, budgets[1]],
  ]) {
    const over = size > budget;
    console.log(`${file.padEnd(8)} ${name.padEnd(10)}${String(size).padStart(6)} B${budget < Infinity ? `  of ${budget}` : ''}${over ? '  OVER BUDGET' : ''}`);
    if (over) process.exitCode = 1;
  }
}
