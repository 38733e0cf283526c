// Sets this checkout up, then runs the program that its arguments name: a TypeScript file on the project's own
// Node, or a program in node_modules/.bin. Plain JavaScript for the same reason as setup.mjs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

await import('./setup.mjs');
if (!process.exitCode) become(...commandOf(process.argv.slice(2)));

/** @returns {[program: string, arguments: string[]]} */
function commandOf([name, ...rest]) {
  if (name.endsWith('.ts')) return [installed('node'), [name, ...rest]];
  return [existsSync(installed(name)) ? installed(name) : name, rest];
}

function installed(name) {
  return join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules', '.bin', name);
}

/**
 * Replaces this process with the program if Node can. Otherwise runs it as a child, forwards signals to it, and
 * ends as it ends. One Ctrl-C then reaches it twice, from the terminal and from here, as it does through npm.
 */
function become(program, args) {
  if (process.execve && process.platform !== 'win32')
    process.execve(program, [program, ...args], process.env);
  const child = spawn(program, args, { stdio: 'inherit' });
  const passOn = signal => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
  for (const signal of signals) process.on(signal, passOn);
  child.on('error', error => {
    console.error(`run: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    for (const each of signals) process.off(each, passOn);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}
