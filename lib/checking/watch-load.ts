import { type Occupancy, placesTaken, VACANT } from '../domain/occupancy.ts';
import type { Hooks } from './ports.ts';

/** What a worker says of itself four times a minute: a row of `workers`. */
export interface WorkerLoad {
  /** How long it has run */
  readonly upMs: number;
  /** How late its checks began at worst, in the last minute */
  readonly lagMs: number;
  /** Checks that it runs, without slow ones */
  readonly running: number;
  readonly slow: number;
  /** Targets that it found up or down in the last minute */
  readonly targetsKnown: number;
  /** Those that it found down last */
  readonly targetsDown: number;
}

export interface WatchedLoad {
  /** To be called by the pipeline */
  readonly hooks: Pick<Hooks, 'occupancy' | 'settled'>;
  readonly load: () => WorkerLoad;
}

const WINDOW_MS = 60_000;
/** Targets that are counted: the least recently checked give way */
const TARGETS_MAX = 100_000;

interface Judged {
  readonly atMs: number;
  readonly isDown: boolean;
}

/** Keeps track, from the pipeline's hooks, of what a worker did in the last minute. Asks the database nothing. */
export function watchLoad(monotonicMs: () => number): WatchedLoad {
  const startedMs = monotonicMs();
  const judged = new Map<string, Judged>(); // the least recently checked first
  const lags = new Map<number, number>(); // the worst of each second, the oldest first
  let now: Occupancy = VACANT;

  const judge = (targetId: string, isDown: boolean): void => {
    judged.delete(targetId); // so that it moves to the end
    judged.set(targetId, { atMs: monotonicMs(), isDown });
    if (judged.size > TARGETS_MAX) dropFirst(judged, () => judged.size > TARGETS_MAX);
  };
  const delay = (lagMs: number): void => {
    const second = Math.floor(monotonicMs() / 1_000);
    lags.set(second, Math.max(lagMs, lags.get(second) ?? 0));
    dropFirst(lags, oldest => oldest < second - WINDOW_MS / 1_000);
  };

  return {
    hooks: {
      occupancy: occupancy => {
        now = occupancy;
      },
      settled: settled => {
        if (settled.kind !== 'checked') return;
        const { lease, startedAtMs, verdict } = settled;
        delay(startedAtMs - lease.scheduledAtMs);
        if (verdict.outcome !== 'unknown') judge(lease.target.id, verdict.outcome === 'down');
      },
    },
    load: () => {
      const sinceMs = monotonicMs() - WINDOW_MS;
      dropFirst(judged, (_id, { atMs }) => atMs < sinceMs);
      dropFirst(lags, second => second < Math.floor(sinceMs / 1_000));
      return {
        upMs: Math.round(monotonicMs() - startedMs),
        lagMs: Math.round(Math.max(0, ...lags.values())),
        running: placesTaken(now),
        slow: now.slow,
        targetsKnown: judged.size,
        targetsDown: [...judged.values()].filter(({ isDown }) => isDown).length,
      };
    },
  };
}

/** Drops entries from the beginning while `isOver` says so. */
function dropFirst<Key, Value>(map: Map<Key, Value>, isOver: (key: Key, value: Value) => boolean): void {
  for (const [key, value] of map) {
    if (!isOver(key, value)) return;
    map.delete(key);
  }
}
