/**
 * Checks types, then runs the specs: first in parallel those that can, then the others one by one.
 *
 * npm test [-- FILE…], or npm run test:fast for specs without a database or other processes. Other arguments go to
 * mocha: npm test -- FILE --grep WORD.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { specFiles } from './support/spec-files.ts';

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

const given = process.argv.slice(2);
const isFastWanted = given[0] === '--fast';
const { fast, slow, alone } = specFiles();

const run = (program: string, args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'inherit' }).status === 0;
const mocha = (...args: readonly string[]): boolean => run(process.execPath, [MOCHA, ...args]);

/** Slow files start first, so that the last ones to end are short. */
function runAll(): boolean {
  const isWell = mocha(...slow, ...fast);
  return mocha('--no-parallel', ...alone) && isWell;
}

process.on('SIGINT', () => {}); // mocha receives it too, and ends by itself
const areTypesWell = run('node_modules/.bin/tsc', ['--noEmit', '--singleThreaded']);
const areSpecsWell =
  areTypesWell &&
  (isFastWanted ? mocha(...fast, ...given.slice(1)) : given.length > 0 ? mocha(...given) : runAll());
process.exitCode = areSpecsWell ? 0 : 1;
