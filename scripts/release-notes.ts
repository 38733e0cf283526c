/**
 * Prints the section of CHANGELOG.md for the version of a tag. Fails if there is no section or the package has
 * another version: npm run --silent release-notes -- v1.2.3
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { releaseNotes } from './support/release-notes.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '..', name), 'utf8');
const [tag = ''] = process.argv.slice(2);

try {
  console.log(releaseNotes(tag, JSON.parse(read('package.json')).version, read('CHANGELOG.md')));
} catch (error) {
  console.error(`release-notes: ${(error as Error).message}`);
  process.exitCode = 1;
}
