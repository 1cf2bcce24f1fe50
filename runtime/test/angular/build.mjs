// Builds app.js from app.ts, as the Angular CLI would: ahead of time, with the packages linked. Needs 100 MB of packages, so
// app.js is committed and this runs only when app.ts changes: node runtime/test/angular/build.mjs
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const work = fileURLToPath(new URL('../../../target/angular/', import.meta.url));
const run = (command, ...args) => execFileSync(command, args, { cwd: work, stdio: 'inherit' });

await mkdir(work, { recursive: true });
for (const name of ['app.ts', 'package.json', 'tsconfig.json']) await cp(join(here, name), join(work, name));
await cp(join(here, '../../dist/runtime.d.ts'), join(work, 'runtime.d.ts'));
run('npm', 'install', '--no-audit', '--no-fund', '--silent', '--no-package-lock');
run('npx', 'ngc', '-p', 'tsconfig.json');

const require = createRequire(join(work, 'package.json'));
const babel = require('@babel/core');
const { createEs2015LinkerPlugin } = await import(pathToFileURL(require.resolve('@angular/compiler-cli/linker/babel')));
const linker = createEs2015LinkerPlugin({
  fileSystem: { resolve, dirname, relative, exists: existsSync, readFile: readFileSync },
  logger: { level: 3, debug() {}, info() {}, warn: console.warn, error: console.error },
  linkerJitMode: false,
  sourceMapping: false,
});

await require('esbuild').build({
  absWorkingDir: work,
  entryPoints: ['out/app.js'],
  outfile: join(here, 'app.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  external: ['/runtime.js'],
  define: { ngDevMode: 'false', ngJitMode: 'false', ngI18nClosureMode: 'false' },
  plugins: [
    {
      name: 'linker',
      setup: (build) =>
        build.onLoad({ filter: /@angular\/.*\.mjs$/ }, async ({ path }) => {
          const source = await readFile(path, 'utf8');
          if (!source.includes('ɵɵngDeclare')) return undefined;
          const { code } = await babel.transformAsync(source, { filename: path, compact: false, plugins: [linker] });
          return { contents: code };
        }),
    },
  ],
});
