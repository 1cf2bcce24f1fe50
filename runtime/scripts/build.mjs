// Builds dist/ from src/; with --check, proves that dist/ is what the sources build to, and writes nothing.
import { build } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every file of dist/, by name. The map is for our own debugging: the published file does not point to it. */
export const outputs = async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outfile: 'dist/runtime.js',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2021',
    charset: 'utf8',
    mangleProps: /[a-z]_$/,
    legalComments: 'none',
    sourcemap: 'external',
    write: false,
  });
  // esbuild bundles; terser, which also inlines functions that are called once, takes another 4 % off.
  const [map, bundle] = ['runtime.js.map', 'runtime.js'].map((name) => outputFiles.find(({ path }) => path.endsWith(name)).text);
  const small = await minify(bundle, {
    module: true,
    ecma: 2021,
    compress: { ecma: 2021, passes: 4, sequences: false, conditionals: false },
    sourceMap: { content: map, filename: 'runtime.js', includeSources: false },
  });
  const types = await readFile(root + 'src/types.ts', 'utf8');
  const files = new Map([
    ['runtime.js', small.code + '\n'],
    ['runtime.js.map', small.map + '\n'],
  ]);
  files.set('runtime.d.ts', `// Built from src/types.ts by scripts/build.mjs.\n\n${types}${await readFile(root + 'src/exports.txt', 'utf8')}`);
  return files;
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
