import { readdirSync } from 'node:fs';
import type { Suite } from 'mocha';

/** What specs in spec/debian need of the system beside this project. */
type Need = 'pgbouncer' | 'faketime' | 'python3' | 'prometheus' | 'script' | 'mount' | 'network namespaces';

const REMEDY: Readonly<Record<Need, string>> = {
  pgbouncer: 'apt-get install -y pgbouncer',
  faketime: 'apt-get install -y faketime',
  python3: 'apt-get install -y python3 (3.11 or newer)',
  prometheus: 'apt-get install -y prometheus',
  script: 'apt-get install -y bsdutils',
  mount: 'run as root, with the right to mount a tmpfs',
  'network namespaces': 'run as root, with the right to make a network namespace',
};

const without = new Set((process.env.WEBSITE_MONITOR_SPEC_WITHOUT ?? '').split(','));

/** Specs that need something of the system: skipped only where WEBSITE_MONITOR_SPEC_WITHOUT names it. */
export const describeWith = (need: Need, title: string, specs: (this: Suite) => void): unknown =>
  without.has(need) ? describe.skip(title, specs) : describe(title, specs);

/** For a spec that finds its need missing: fails it, and says what to do. */
export function lacking(need: Need, reason: unknown): never {
  const said = reason instanceof Error ? reason.message : String(reason);
  throw new Error(`${said}: ${REMEDY[need]}, or set WEBSITE_MONITOR_SPEC_WITHOUT=${need} to do without`);
}

/** The environment under which a program reads the offset of its wall clock, such as `+3600`, from `file`. */
export function faketimeEnvironment(file: string): Record<string, string> {
  const library = readdirSync('/usr/lib')
    .filter(name => name.endsWith('-linux-gnu'))
    .map(name => `/usr/lib/${name}/faketime`)
    .find(folder => namesIn(folder).includes('libfaketime.so.1'));
  if (library === undefined) return lacking('faketime', 'there is no libfaketime.so.1');
  return {
    LD_PRELOAD: `${library}/libfaketime.so.1`,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
