/**
 * Checks the types, then runs the specs side by side: npm test [-- FILE…], or npm run test:fast for those that
 * need no database and no other process. Whatever else is given goes to mocha: npm test -- FILE --grep WORD.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { specFiles } from './support/spec-files.ts';

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

const given = process.argv.slice(2);
const { fast, slow } = specFiles();
const isFastWanted = given[0] === '--fast';

/** The slow begin first, so that the last to end are short. */
const args = isFastWanted ? [...fast, ...given.slice(1)] : given.length > 0 ? given : [...slow, ...fast];

const types = spawnSync('node_modules/.bin/tsc', ['--noEmit'], { stdio: 'inherit' });
if (types.status !== 0) process.exit(1);
process.execve?.(process.execPath, [process.execPath, MOCHA, ...args], process.env);
