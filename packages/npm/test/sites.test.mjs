// Real sites, built by their generators with the plugin from the installed package: injected and verified; a page that is wrong fails
// the build, and its message names the page; a dev server changes nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { append, chathub, close, npm, project, run, start, succeeds, TOP } from './registry.mjs';

after(close);
const wanted = process.env.CHATHUB_TEST_SITES.split(' ').filter(Boolean);

/** A page whose organization nobody knows: inject refuses it. */
const BROKEN = '<!doctype html><html lang="en"><head><title>Broken</title><meta name="chathub" content="organization=suport"></head><body></body></html>\n';

/** A copy by hard links of what the script has installed, with a package list of its own. */
const generator = async (name, folder) => {
  const from = join(TOP, 'target/generators', name, 'node_modules');
  const to = join(folder, 'node_modules');
  // Whole where the temporary folder is on another file system.
  await succeeds('sh', ['-c', 'cp -al "$1" "$2" 2>/dev/null || { rm -rf "$2" && cp -a "$1" "$2"; }', 'sh', from, to]);
  for (const one of ['.package-lock.json', '.cache', '.vite', '.astro']) await rm(join(to, one), { recursive: true, force: true });
};

/** A port on which nobody listens, for a server that wants to be told one. */
const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
};

/** The site of a fixture, with chathub installed beside its generator, and its plugin in the configuration. */
const site = async (name, edit) => {
  const fixture = join(TOP, 'fixtures', name);
  const folder = await project();
  await cp(join(fixture, 'source'), folder, { recursive: true });
  await cp(join(fixture, 'chathub.toml'), join(folder, 'chathub.toml'));
  await generator(name, folder);
  await npm(folder, ['install', '--save-dev', '--ignore-scripts', 'chathub']);
  await edit(folder);
  return folder;
};

/** Replaces text in a file that has it. */
const replace = async (folder, file, ...pairs) => {
  let text = await readFile(join(folder, file), 'utf8');
  for (const [from, to] of pairs) {
    assert.ok(text.includes(from), `${file} has ${from}`);
    text = text.replace(from, () => to);
  }
  await writeFile(join(folder, file), text);
};

/** The code of one language on a generator's page. */
const documented = async (name, language) => {
  const text = await readFile(join(TOP, 'docs/generators', `${name}.md`), 'utf8');
  const found = new RegExp(`^\`\`\`${language}\n([^]*?)\n\`\`\`$`, 'm').exec(text);
  assert.ok(found, `the page of ${name} has code in ${language}`);
  return found[1];
};

/** How the page says that a site is built. */
const line = async (name) => (await documented(name, 'sh')).split('\n')[0].split(' ');

/** What the fixture's table, which is written by hand, says of its pages. */
const expected = async (name) => {
  const table = await readFile(join(TOP, 'fixtures', name, 'expected.tsv'), 'utf8');
  return table.trim().split('\n').filter((line) => !line.startsWith('#')).map((line) => line.split('\t'));
};

const page = async (folder, broken) => {
  await mkdir(join(folder, broken, '..'), { recursive: true });
  await writeFile(join(folder, broken), BROKEN);
};

/** All files of a folder with their content. */
const contents = async (folder) => {
  const files = {};
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    files[path.slice(folder.length + 1)] = await readFile(path, 'latin1');
  }
  return files;
};

/**
 * The generators: their command, the folder that they write, where a page that is copied as it is goes, and how their configuration
 * gets the plugin with the given options.
 */
const GENERATORS = {
  eleventy: {
    output: '_site',
    build: await line('eleventy'),
    broken: 'content/broken.html',
    dev: { command: ['npx', 'eleventy', '--serve', '--port=0'], ready: /Server at|localhost:\d+/ },
    // A slow minifier of another's, which writes pages when the build is over.
    configure: (folder, options) =>
      replace(
        folder,
        'eleventy.config.js',
        ['import { minify }', `import { readFileSync, writeFileSync } from "node:fs";\nimport chathub from "chathub/eleventy";\nimport { minify }`],
        [
          'config.addPlugin(syntaxHighlight);',
          `config.addPlugin(syntaxHighlight);
  config.addPlugin(chathub, ${options});
  config.addPassthroughCopy({ "content/broken.html": "broken.html" });
  config.ignores.add("content/broken.html");
  config.on("eleventy.after", async ({ directories, runMode }) => {
    if (runMode !== "build") return;
    const file = directories.output + "index.html";
    const text = readFileSync(file, "utf8");
    for (let turn = 0; turn < 1000; turn++) await new Promise(setImmediate);
    writeFileSync(file, text + "<!-- minified -->");
  });`,
        ],
      ),
    also: async (folder) => {
      const text = await readFile(join(folder, '_site/index.html'), 'utf8');
      assert.match(text, /data-chathub/);
      assert.match(text, /<!-- minified -->/, 'what is written after the build is not lost');
    },
  },
  astro: {
    output: 'dist',
    build: await line('astro'),
    broken: 'public/broken.html',
    dev: { command: ['npx', 'astro', 'dev', '--port', '0'], ready: /localhost:\d+/ },
    configure: (folder, options) =>
      replace(
        folder,
        'astro.config.mjs',
        ['import { defineConfig }', 'import chathub from "chathub/astro";\nimport { defineConfig }'],
        ['[preact()]', `[preact(), chathub(${options})]`],
      ),
  },
  vitepress: {
    output: 'dist',
    // This one is not in a folder of its own.
    build: (await line('vitepress')).filter((word) => word !== 'docs'),
    broken: 'public/broken.html',
    dev: { command: ['npx', 'vitepress', 'dev', '--port', '0'], ready: /localhost/ },
    configure: (folder, options) =>
      replace(
        folder,
        '.vitepress/config.mjs',
        ['import { defineConfig }', 'import chathub from "chathub/vitepress";\nimport { defineConfig }'],
        ['outDir: "dist",', `outDir: "dist",\n  buildEnd: chathub(${options}),`],
      ),
  },
  docusaurus: {
    output: 'build',
    build: await line('docusaurus'),
    broken: 'static/broken.html',
    // It takes no port 0.
    dev: { command: ['npx', 'docusaurus', 'start', '--no-open', '--port', await freePort()], ready: /compiled successfully|Docusaurus website is running/i },
    configure: (folder, options) => replace(folder, 'docusaurus.config.js', ['plugins: [', `plugins: [\n    ["chathub/docusaurus", ${options}],`]),
    also: async (folder, said) => {
      assert.match(await readFile(join(folder, 'build/uk/docs/pitching/index.html'), 'utf8'), /data-chathub/);
      // One language alone is at the top.
      await succeeds('npx', ['docusaurus', 'build', '--locale', 'uk'], { cwd: folder, nice: true });
      assert.match(await readFile(join(folder, 'build/docs/pitching/index.html'), 'utf8'), /data-chathub/);
    },
  },
  sveltekit: {
    output: 'build',
    build: await line('sveltekit'),
    broken: 'static/broken.html',
    dev: { command: ['npx', 'vite', 'dev', '--port', '0'], ready: /localhost/ },
    configure: (folder, options) =>
      replace(
        folder,
        'svelte.config.js',
        ['import adapter', "import chathub from 'chathub/sveltekit';\nimport adapter"],
        ['adapter: adapter()', `adapter: chathub(adapter(), ${options})`],
      ),
  },
  // No plugin: a line in package.json.
  next: {
    output: 'out',
    build: ['npm', 'run', 'build'],
    broken: 'public/broken.html',
    configure: async (folder, options) => {
      const path = join(folder, 'package.json');
      const manifest = JSON.parse(await readFile(path, 'utf8'));
      const { scripts } = JSON.parse(await documented('next', 'json'));
      const verify = options.includes('1000') ? ' --min-pages 1000' : '';
      Object.assign(manifest.scripts, scripts, { postbuild: options.includes('false') ? 'true' : `${scripts.postbuild}${verify}` });
      await writeFile(path, JSON.stringify(manifest));
    },
  },
};

for (const name of wanted.filter((one) => one in GENERATORS)) {
  const { output, build: [program, ...args], broken, dev, configure, also } = GENERATORS[name];
  const build = (folder) => run(program, args, { cwd: folder, nice: true });
  describe(name, () => {
    let folder;
    test('the site is built, injected and verified', async () => {
      folder = await site(name, () => {});
      await cp(folder, `${folder}-plain`, { recursive: true, filter: (path) => !path.endsWith('/node_modules') });
      await configure(folder, '{}');
      const { code, said } = await build(folder);
      assert.equal(code, 0, said);
      for (const [path, action] of await expected(name)) {
        const text = await readFile(join(folder, output, path), 'latin1');
        assert.equal(/data-chathub/.test(text), action.startsWith('inject'), path);
      }
      // The binary itself agrees, and has nothing more to do.
      const check = await chathub(folder, ['inject', '--check', output]);
      assert.equal(check.code, 0, check.said);
      const verdict = await chathub(folder, ['verify', output]);
      assert.equal(verdict.code, 0, verdict.said);
      await also?.(folder, said);
    });

    /** The same folder with the configuration that its site had, and the plugin with other options. */
    const configured = async (options) => {
      await cp(`${folder}-plain`, folder, { recursive: true });
      await rm(join(folder, output), { recursive: true, force: true });
      await configure(folder, options);
    };

    test('a page that is wrong fails the build, and is named', async () => {
      await configured('{}');
      await page(folder, broken);
      const { code, said } = await build(folder);
      assert.notEqual(code, 0, said);
      assert.match(said, /broken\.html/);
      assert.match(said, /suport/);
      await rm(join(folder, broken));
    });

    test('what verify finds fails the build', async () => {
      await configured('{ verify: ["--min-pages", "1000"] }');
      const { code, said } = await build(folder);
      assert.notEqual(code, 0, said);
      assert.match(said, /too-few-pages/);
    });

    test('without `enabled` the site stays as it is', async () => {
      await configured('{ enabled: false }');
      const { code, said } = await build(folder);
      assert.equal(code, 0, said);
      for (const [path, text] of Object.entries(await contents(join(folder, output)))) {
        assert.ok(!text.includes('data-chathub'), path);
      }
    });

    if (!dev) return;
    test('an option that there is not fails the build', async () => {
      await configured('{ folder: "dist" }');
      const { code, said } = await build(folder);
      assert.notEqual(code, 0, said);
      assert.match(said, /there is no option `folder`, only config, args, verify, enabled/);
    });

    test('a dev server does nothing', async () => {
      // It would fail if anything ran.
      await configured('{ config: "nowhere.toml" }');
      const [command, ...words] = dev.command;
      const server = start(command, words, { cwd: folder });
      await server.until(dev.ready);
      const said = await server.end();
      assert.doesNotMatch(said, /nowhere\.toml|`chathub /);
      for (const [path, text] of Object.entries(await contents(join(folder, output)))) {
        assert.ok(!text.includes('data-chathub'), path);
      }
    });
  });
}

if (wanted.includes('netlify')) {
  describe('netlify', () => {
    const files = {
      'netlify.toml': `[build]\npublish = "dist"\ncommand = "mkdir -p dist && cp src/*.html dist"\n[[plugins]]\npackage = "./node_modules/chathub/netlify"\n`,
      'chathub.toml': 'default-organization = "support"\n[organizations.support]\nid = 6\n',
      'src/index.html': '<!doctype html><html lang="en"><head><title>Home</title></head><body><p>Home</p></body></html>\n',
    };
    let folder;
    const build = () => run(process.execPath, [join(TOP, 'target/generators/netlify/node_modules/@netlify/build/bin.js'), '--offline', '--debug=false'], { cwd: folder, nice: true });

    test('the site is built, injected and verified', async () => {
      folder = await project({ files });
      await npm(folder, ['install', '--save-dev', 'chathub']);
      const { code, said } = await build();
      assert.equal(code, 0, said);
      assert.match(await readFile(join(folder, 'dist/index.html'), 'utf8'), /data-chathub/);
      assert.equal((await chathub(folder, ['verify', 'dist'])).code, 0);
    });

    test('a page that is wrong fails the build, and is named', async () => {
      await page(folder, 'src/broken.html');
      const { code, said } = await build();
      assert.notEqual(code, 0, said);
      assert.match(said, /broken\.html/);
      assert.match(said, /chathub inject/);
      await rm(join(folder, 'src/broken.html'));
    });

    test('inputs are the options of all plugins', async () => {
      await rm(join(folder, 'dist'), { recursive: true });
      await append(join(folder, 'netlify.toml'), '[plugins.inputs]\nverify = ["--min-pages", "1000"]\n');
      const { code, said } = await build();
      assert.notEqual(code, 0, said);
      assert.match(said, /too-few-pages/);
    });
  });
}
