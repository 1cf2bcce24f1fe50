// Verdaccio on loopback, where anybody may publish the packages of chathub. All else it gets from the registry that npm is configured with.
//
//   node verdaccio.mjs WORK FOLDER     serves from FOLDER until it is killed, and prints the host; WORK/tools has Verdaccio
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const uplink = async () => (await exec('npm', ['config', 'get', 'registry'], { cwd: tmpdir() })).stdout.trim();

/** Verdaccio on a port that the system chooses, with its files in `folder`. */
export const serve = async (work, folder) => {
  const require = createRequire(join(work, 'tools/package.json'));
  const storage = join(folder, 'storage');
  await mkdir(storage);
  const users = join(folder, 'users');
  const config = {
    self_path: join(folder, 'verdaccio.yaml'),
    configPath: join(folder, 'verdaccio.yaml'),
    storage,
    web: { enable: false },
    auth: { htpasswd: { file: users, max_users: -1 } },
    uplinks: { configured: { url: await uplink(), timeout: '120s', max_fails: 100, cache: true } },
    packages: {
      '@chathub/*': { access: '$all', publish: '$anonymous' },
      chathub: { access: '$all', publish: '$anonymous' },
      '**': { access: '$all', publish: '$anonymous', proxy: 'configured' },
    },
    max_body_size: '500mb',
    log: { type: 'file', path: join(folder, 'registry.log'), level: 'warn' },
    server: { keepAliveTimeout: 60 },
  };
  await writeFile(config.configPath, '');
  const server = await require('verdaccio').runServer(config);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    return new Promise((end) => server.close(end));
  };
  return { host: `127.0.0.1:${server.address().port}`, close };
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [work, folder] = process.argv.slice(2);
  console.log((await serve(work, folder)).host);
}
