'use strict';

const { spawn } = require('node:child_process');
const { closeSync, openSync } = require('node:fs');
const { binaryPath, environment } = require('./binary.js');

/** Whether there is a terminal whose Ctrl-C reaches all programs in its foreground, and so the binary without our help. */
const hasTerminal = () => {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
};

/** Passes signals on to the binary: their sender knows only this process. */
const forward = (child) => {
  if (process.platform === 'win32') {
    // The console tells all its programs, and Node.js could only kill the binary: wait until it has ended.
    for (const signal of ['SIGINT', 'SIGBREAK']) process.on(signal, () => {});
    return;
  }
  // The endpoint ends at once at a second signal, so one Ctrl-C must not arrive as two.
  for (const signal of ['SIGINT', 'SIGQUIT']) {
    process.on(signal, () => {
      if (!hasTerminal()) child.kill(signal);
    });
  }
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
};

/** Ends this process as the binary has ended. */
const end = (code, signal) => {
  if (signal === null) {
    process.exitCode = code;
    return;
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The signal ends this process before that, unless it cannot be sent on this system.
  process.exitCode = 1;
};

const fail = (error) => {
  process.stderr.write(`chathub: ${error.message}\n`);
  process.exitCode = 1;
};

/** The command `chathub`: the binary with these arguments, whatever they are. */
module.exports = (args) => {
  let binary;
  try {
    binary = binaryPath();
  } catch (error) {
    fail(error);
    return;
  }
  const child = spawn(binary, args, { stdio: 'inherit', env: environment() });
  forward(child);
  child.on('error', (error) => fail(new Error(`cannot run ${binary}: ${error.message}`)));
  child.on('exit', end);
};
