import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBundledServer } from '../lib/bundled-postgres/bundled-server.ts';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { type Held, runSoak, type Soaked } from './soak/run-soak.ts';
import { settingsOrExit } from './support/flags.ts';

const PURPOSE = `Looks for leaks: loads the service for minutes while faults come and go, and compares what it
holds at rest before and after. Takes about four minutes longer than --minutes. Exits with 1 if
anything leaked.`;

const settings = settingsOrExit(PURPOSE, {
  minutes: { rule: wholeNumber(1, 1_440), fallback: '5', meaning: 'how long to soak' },
  targets: {
    rule: wholeNumber(2, 10_000),
    fallback: '200',
    meaning: 'number of targets, each checked every second',
  },
});

const MIB = 2 ** 20;

/** Allowed growth: caches that fill, and a heartbeat in progress. */
const FIGURES: readonly { name: string; of: (held: Held) => number; growthMax: number }[] = [
  { name: 'heap after collection, MiB', of: held => held.heapBytes / MIB, growthMax: 3 },
  { name: 'buffers outside the heap, MiB', of: held => held.externalBytes / MIB, growthMax: 1 },
  { name: 'file descriptors', of: held => held.fileDescriptors, growthMax: 1 },
  { name: 'sockets', of: held => held.sockets, growthMax: 1 },
  { name: 'timers', of: held => held.timers, growthMax: 2 },
  { name: 'other resources', of: held => held.otherResources, growthMax: 1 },
  { name: 'database sessions', of: held => held.databaseSessions, growthMax: 1 },
];

const startedAtMs = performance.now();
const say = (line: string): void =>
  console.log(`${Math.round((performance.now() - startedAtMs) / 1_000)} s: ${line}`);

const dataFolder = join(tmpdir(), `website-monitor-soak-${process.pid}`);
try {
  const server = await startBundledServer({ dataFolder, durable: false });
  const soaked = await runSoak({ ...settings, dsn: server.dsn, say }).finally(server.stop);
  process.exitCode = report(soaked) ? 0 : 1;
} finally {
  await rm(dataFolder, { recursive: true, force: true });
}

function report({ before, after, checks }: Soaked): boolean {
  const rows = FIGURES.map(({ name, of, growthMax }) => {
    const grown = of(after) - of(before);
    return { name, before: of(before), after: of(after), growthMax, isWell: grown <= growthMax };
  });
  console.log(`\n${'at rest'.padEnd(30)}${'before'.padStart(10)}${'after'.padStart(10)}   allowed`);
  for (const { name, before, after, growthMax, isWell } of rows) {
    const figures = [before, after].map(figure => String(Math.round(figure * 10) / 10).padStart(10)).join('');
    console.log(`${name.padEnd(30)}${figures}   +${growthMax}${isWell ? '' : '  LEAK'}`);
  }
  console.log('\nchecks');
  for (const { outcome, cause, checks: count } of checks) {
    console.log(`${[outcome, cause].filter(Boolean).join(', ').padEnd(30)}${String(count).padStart(10)}`);
  }
  return rows.every(({ isWell }) => isWell);
}
