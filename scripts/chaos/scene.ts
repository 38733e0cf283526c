import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Query } from '../../lib/postgres/database.ts';
import type { Random, Range } from '../support/random.ts';
import type { BatteredServer } from './server.ts';
import type { CountingWebsite } from './website.ts';
import type { Worker } from './worker.ts';

/** Everything that a fault can hit. */
export interface Scene {
  readonly server: BatteredServer;
  readonly workers: readonly Worker[];
  /** Our own connection to the database, which no network fault affects */
  readonly query: Query;
  readonly website: Pick<CountingWebsite, 'up' | 'down'>;
  readonly targetCount: number;
  readonly intervalSeconds: Range;
  readonly leaseMs: number;
  /** Decides what the plan leaves open */
  readonly random: Random;
  /** Rejects when the run is interrupted */
  readonly wait: (durationMs: number) => Promise<void>;
  /** Reports something that must not happen. The run continues, and fails at its end. */
  readonly breach: (what: string) => void;
  readonly say: (line: string) => void;
}

/** The text of a file in this folder. */
export const sqlText = (name: string): string =>
  readFileSync(new URL(`${name}.sql`, import.meta.url), 'utf8');

/** Polls `isSo` every `everyMs` until it is true; resolves with whether it was in time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { wait }: Pick<Scene, 'wait'>,
  timeoutMs: number,
  everyMs = 50,
): Promise<boolean> {
  const startedMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedMs > timeoutMs) return false;
    await wait(everyMs);
  }
  return true;
}

/** @param signal aborted when the run is interrupted */
export const waitUnless =
  (signal: AbortSignal): Scene['wait'] =>
  async durationMs =>
    delay(durationMs, undefined, { signal });
