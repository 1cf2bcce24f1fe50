// Builds dist/ from src/; with --check, proves that dist/ is what the sources build to, and writes nothing.
import { createHash } from 'node:crypto';
import { build } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A bundle of one source file, and its map. */
const bundle = async (entry, name, mangleCache, define) => {
  const { outputFiles, mangleCache: names } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: 'dist/' + name,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2021',
    charset: 'utf8',
    mangleProps: /[a-z]_$/,
    mangleCache,
    legalComments: 'none',
    sourcemap: 'external',
    define,
    write: false,
  });
  // esbuild bundles; terser, which also inlines functions that are called once, takes another 4 % off.
  const [map, code] = [name + '.map', name].map((end) => outputFiles.find(({ path }) => path.endsWith(end)).text);
  const small = await minify(code, {
    module: true,
    ecma: 2021,
    compress: { ecma: 2021, passes: 4, sequences: false, conditionals: false },
    sourceMap: { content: map, filename: name, includeSources: false },
  });
  return [small.code + '\n', small.map + '\n', names];
};

/** Every file of dist/, by name. The maps are for our own debugging: the published files do not point to them. */
export const outputs = async () => {
  // All files call what they share by the same short names: those that suit the first.
  const [, , names] = await bundle('src/main.ts', 'runtime.js', {}, { MORE: '"."' });
  const [box, boxMap, all] = await bundle('src/box/main.ts', 'box.js', names);
  // `inject` writes the second and the third file under such a name, by its content; the one before asks for it.
  const named = (stem, content) => JSON.stringify(`${stem}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}.js`);
  const [more, moreMap] = await bundle('src/more/main.ts', 'more.js', all, { BOX: named('box', box) });
  const [code, map] = await bundle('src/main.ts', 'runtime.js', names, { MORE: named('more', more) });
  const types = await readFile(root + 'src/types.ts', 'utf8');
  return new Map([
    ['runtime.js', code],
    ['runtime.js.map', map],
    ['more.js', more],
    ['more.js.map', moreMap],
    ['box.js', box],
    ['box.js.map', boxMap],
    ['runtime.d.ts', `// Built from src/types.ts by scripts/build.mjs.\n\n${types}${await readFile(root + 'src/exports.txt', 'utf8')}`],
  ]);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  let stale = 0;
  await mkdir(root + 'dist', { recursive: true });
  for (const [name, text] of await outputs()) {
    const path = root + 'dist/' + name;
    if (!check) await writeFile(path, text);
    else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
      stale++;
      console.error(`dist/${name} is not what src/ builds to: run \`npm run build\` and commit it`);
    }
  }
  console.log(check ? (stale ? '' : 'dist/ is up to date') : 'dist/ written');
  process.exitCode = stale ? 1 : 0;
}
