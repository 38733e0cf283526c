import { appendFileSync, closeSync, openSync } from 'node:fs';
import type { Hooks, Recorded } from '../checking/ports.ts';
import type { Settled } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { HistoryEvent } from './event.ts';

export interface HistorySettings {
  /** Appended to; one file for each worker, or a line cut off by a kill could swallow another's */
  readonly path: string;
  /** Random, of this start of the worker */
  readonly worker: string;
  /** The history ends here: one with a hole in it would accuse the innocent */
  readonly onTrouble: (error: unknown) => void;
  /** `performance.now()`, as the leases are counted in */
  readonly monotonicMs: () => number;
}

/** What an event says beyond where and when. */
type Said = HistoryEvent extends infer Event
  ? Event extends HistoryEvent
    ? Omit<Event, 'worker' | 'batchId' | 'epoch' | 'targetId' | 'scheduledAt' | 'databaseMs' | 'monotonicMs'>
    : never
  : never;

/**
 * Writes what happens to each slot, one JSON object a line, for `findBreaches` to read. Each line is
 * handed to the system before the work goes on, so that kill -9 loses at most the line being written.
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
  const tell = (said: Said, lease: Lease): void => {
    const nowMs = monotonicMs();
    const event: HistoryEvent = {
      ...said,
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
        tell({ event, expiresAtMonotonicMs: lease.expiresAtMonotonicMs }, lease);
      }
    },
    started: lease => tell({ event: 'started' }, lease),
    confirming: lease => tell({ event: 'confirming' }, lease),
    settled: settled => tell(saidOf(settled), settled.lease),
    recorded: report => {
      for (const [event, { lease }] of answersOf(report)) tell({ event }, lease);
    },
  };

  write('\n'); // sets off a line that a kill has cut short at an earlier start
  return {
    hooks,
    close: (): void => {
      hasEnded = true;
      closeSync(file);
    },
  };
}

function saidOf(settled: Settled): Said {
  if (settled.kind === 'returned') return { event: 'returned', reason: settled.reason };
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
    return [slots.has(one.lease.slot) ? 'recorded' : 'lost', one] as const;
  });
}
