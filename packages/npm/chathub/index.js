'use strict';

const { spawn } = require('node:child_process');
const { binaryPath, environment } = require('./lib/binary.js');

/** Runs the binary; resolves when it has ended, whatever its exit code is. */
const run = async (args = [], { cwd, env, stdio = 'inherit', signal } = {}) => {
  const binary = binaryPath();
  return await new Promise((resolve, reject) => {
    const child = spawn(binary, args, { cwd, env: environment(env), stdio, signal });
    const output = { stdout: '', stderr: '' };
    for (const name of Object.keys(output)) {
      child[name]?.setEncoding('utf8').on('data', (text) => {
        output[name] += text;
      });
    }
    child.on('error', (error) => reject(new Error(`cannot run ${binary}: ${error.message}`, { cause: error })));
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
};

exports.binaryPath = binaryPath;
exports.run = run;
