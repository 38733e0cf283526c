import { appendFileSync, closeSync, openSync } from 'node:fs';
import type { Hooks, Recorded } from '../checking/ports.ts';
import type { Settled } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { HistoryEvent } from './event.ts';

export interface HistorySettings {
  /** Appended to. One file per worker: a line cut short by a kill must not swallow another worker's line */
  readonly path: string;
  /** A random id of this start of the worker */
  readonly worker: string;
  /** Called once when the file cannot be written. The history ends there: a gap would show false breaches */
  readonly onTrouble: (error: unknown) => void;
  /** The clock on which leases expire: `performance.now()` */
  readonly monotonicMs: () => number;
}

/** The fields of an event that are its own. */
type Own = HistoryEvent extends infer Event
  ? Event extends HistoryEvent
    ? Omit<Event, 'worker' | 'batchId' | 'epoch' | 'targetId' | 'scheduledAt' | 'databaseMs' | 'monotonicMs'>
    : never
  : never;

/**
 * Writes what happens to each slot, one JSON object per line, for `findBreaches` to read. Each line is handed
 * to the system synchronously, so kill -9 loses at most the line being written.
 *
 * @throws what `fs.openSync` throws
 */
export function writeHistory({ path, worker, onTrouble, monotonicMs }: HistorySettings) {
  const file = openSync(path, 'a', 0o640);
  let hasEnded = false;

  const write = (text: string): void => {
    if (hasEnded) return;
    try {
      appendFileSync(file, text);
    } catch (error) {
      hasEnded = true;
      onTrouble(error);
    }
  };
  const append = (own: Own, lease: Lease): void => {
    const nowMs = monotonicMs();
    const event: HistoryEvent = {
      ...own,
      worker,
      batchId: lease.batchId,
      epoch: lease.epoch,
      ...lease.slot,
      databaseMs: nowMs + lease.databaseClockOffsetMs,
      monotonicMs: nowMs,
    };
    write(`${JSON.stringify(event)}\n`);
  };

  const hooks: Hooks = {
    occupancy: () => {},
    pass: ({ leases }) => {
      for (const lease of leases) {
        const event = lease.epoch > 1 ? 'taken_over' : 'leased';
        append({ event, expiresAtMonotonicMs: lease.expiresAtMonotonicMs }, lease);
      }
    },
    started: lease => append({ event: 'started' }, lease),
    confirming: lease => append({ event: 'confirming' }, lease),
    settled: settled => append(eventOf(settled), settled.lease),
    recorded: report => {
      for (const [event, { lease }] of answersOf(report)) append({ event }, lease);
    },
  };

  write('\n'); // ends a line that a kill cut short at an earlier start
  return {
    hooks,
    close: (): void => {
      hasEnded = true;
      closeSync(file);
    },
  };
}

function eventOf(settled: Settled): Own {
  if (settled.kind === 'returned') return { event: 'returned', reason: settled.reason };
  if (settled.kind === 'skipped') return { event: 'skipped', reason: settled.reason };
  const { verdict, phases } = settled;
  return {
    event: 'finished',
    outcome: verdict.outcome,
    cause: verdict.outcome === 'up' ? null : verdict.cause,
    totalUs: phases.totalUs,
  };
}

function answersOf({ settled, recorded }: Recorded) {
  const slots = new Set(recorded.map(({ lease }) => lease.slot));
  return settled.map(one => {
    if (one.kind === 'returned') return ['given_back', one] as const;
    if (one.kind === 'skipped') return ['made_gap', one] as const;
    return [slots.has(one.lease.slot) ? 'recorded' : 'lost', one] as const;
  });
}
