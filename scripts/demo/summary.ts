import { readFile } from 'node:fs/promises';
import type { Database } from '../../lib/postgres/database.ts';

/** As `summary.sql` returns it. */
export interface Summary {
  readonly checks: number;
  readonly checks_per_second: number;
  /** Targets, by their newest check */
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  readonly unchecked: number;
  readonly lag_p50_ms: number | null;
  readonly lag_p99_ms: number | null;
  readonly slots_missed: number;
  readonly slowest: readonly SlowTarget[];
}

interface SlowTarget {
  readonly url: string;
  readonly outcome: string;
  readonly cause: string | null;
  readonly totalMs: number;
}

const SLOWEST_COUNT = 5;

/** @param windowSeconds period of the rate and the lag */
export const readSummary = async (database: Database, windowSeconds: number): Promise<Summary> => {
  const text = await readFile(new URL('summary.sql', import.meta.url), 'utf8');
  const [row] = await database.query<Summary & Record<string, unknown>>(text, [windowSeconds, SLOWEST_COUNT]);
  if (!row) throw new Error('summary.sql returned no row');
  return row;
};

/** For a terminal: one line per subject. */
export const summaryLines = (summary: Summary, unrecordedCount: number): string[] => [
  `checks    ${checksText(summary)}`,
  `targets   ${targetsText(summary)}`,
  `schedule  ${lagText(summary)}, ${summary.slots_missed} slots missed`,
  `in flight ${unrecordedCount} (running, or waiting to be recorded)`,
  ...summary.slowest.map((target, index) => `${index === 0 ? 'slowest' : '       '}   ${slowText(target)}`),
];

/** The same in one line, for a file or a pipe. */
export const summaryLine = (summary: Summary, unrecordedCount: number): string => {
  const slowest = summary.slowest[0];
  return [
    checksText(summary),
    targetsText(summary),
    lagText(summary),
    `${summary.slots_missed} slots missed`,
    `${unrecordedCount} in flight`,
    ...(slowest ? [`slowest ${slowText(slowest)}`] : []),
  ].join(' · ');
};

const checksText = ({ checks, checks_per_second }: Summary): string =>
  `${checks} recorded, ${checks_per_second.toFixed(1)} a second`;

const targetsText = ({ up, down, unknown, unchecked }: Summary): string =>
  `${up} up, ${down} down, ${unknown} unknown${unchecked > 0 ? `, ${unchecked} not checked yet` : ''}`;

const lagText = ({ lag_p50_ms, lag_p99_ms }: Summary): string =>
  `lag p50 ${milliseconds(lag_p50_ms)}, p99 ${milliseconds(lag_p99_ms)}`;

const slowText = ({ url, outcome, cause, totalMs }: SlowTarget): string =>
  `${milliseconds(totalMs)} ${cause ? `${outcome} (${cause})` : outcome} ${url}`;

const milliseconds = (ms: number | null): string => (ms === null ? '–' : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`);
