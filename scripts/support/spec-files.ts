import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CHECKOUT = join(import.meta.dirname, '../..');

/** What makes a spec slow: the database and child processes. */
const SLOW = /\bfrom '(?:node:child_process|[./]+(?:support\/)?one-server\.ts)'/;

/** Imports outside the product: a spec is slow by what it does, not by what the product could do. */
const IMPORTED = /^(?:import|export|\}).* from '(\.[^']*)';$/gm;
const isBesideTheProduct = (file: string): boolean => !file.startsWith(join(CHECKOUT, 'lib'));

const known = new Map<string, boolean>();

/** Whether the file, or a helper that it imports, uses the database or other processes. */
function isSlow(file: string): boolean {
  const found = known.get(file);
  if (found !== undefined) return found;
  known.set(file, false); // files may import each other
  const text = readFileSync(file, 'utf8');
  const imported = [...text.matchAll(IMPORTED)].map(([, path = '']) => join(dirname(file), path));
  const slow = SLOW.test(text) || imported.filter(isBesideTheProduct).some(isSlow);
  known.set(file, slow);
  return slow;
}

/** Specs that could fail by chance if run in parallel, and why. */
const ALONE: Readonly<Record<string, string>> = {
  'spec/matching/matcher.spec.ts': 'holds searches to the milliseconds that they may run',
  'spec/end-to-end/judging.spec.ts': 'has searches overrun in threads that must start in time',
  'spec/postgres/checking/plans.spec.ts': 'counts pages, of which a neighbour’s transactions make more',
  'spec/probe/hostile-website.spec.ts': 'holds hundreds of checks to half a second',
  'spec/scripts/apply-roles.spec.ts': 'makes and drops the roles of the whole server',
  'spec/scripts/chaos.spec.ts': 'inflicts its faults within six seconds',
};

export interface SpecFiles {
  /** Need no database and no process of their own */
  readonly fast: readonly string[];
  readonly slow: readonly string[];
  /** Run one by one, after the others */
  readonly alone: readonly string[];
}

/** All specs but those of Debian. */
export function specFiles(): SpecFiles {
  const all = globSync('spec/**/*.spec.ts', { cwd: CHECKOUT }).filter(
    file => !file.startsWith('spec/debian/'),
  );
  const [alone, files] = [true, false].map(wanted => all.filter(file => file in ALONE === wanted).sort());
  const [fast, slow] = [false, true].map(wanted =>
    files?.filter(file => isSlow(join(CHECKOUT, file)) === wanted),
  );
  return { fast: fast ?? [], slow: slow ?? [], alone: alone ?? [] };
}
