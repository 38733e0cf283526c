import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Query } from '../../lib/postgres/database.ts';
import type { Random, Range } from '../support/random.ts';
import type { BatteredServer } from './server.ts';
import type { CountingWebsite } from './website.ts';
import type { Worker } from './worker.ts';

/** All that a fault can be brought upon. */
export interface Scene {
  readonly server: BatteredServer;
  readonly workers: readonly Worker[];
  /** A way to the database of our own, which no fault of the network touches */
  readonly query: Query;
  readonly website: Pick<CountingWebsite, 'up' | 'down'>;
  readonly targetCount: number;
  readonly intervalSeconds: Range;
  readonly leaseMs: number;
  /** Decides what the plan leaves open */
  readonly random: Random;
  /** Rejects when the run is interrupted */
  readonly wait: (durationMs: number) => Promise<void>;
  /** Something that must not happen has happened; the run goes on, and fails. */
  readonly breach: (what: string) => void;
  readonly say: (line: string) => void;
}

/** The text of a file beside this one. */
export const sqlText = (name: string): string =>
  readFileSync(new URL(`${name}.sql`, import.meta.url), 'utf8');

/** Waits until `isSo`, asked every `everyMs`; tells whether it came to be so in time. */
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
