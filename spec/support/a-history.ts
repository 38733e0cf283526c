import type { GapReason } from '../../lib/domain/check/skip-reason.ts';
import type { HistoryEvent } from '../../lib/history/event.ts';
import type { Result, Schedule, Tables } from '../../scripts/history/tables.ts';

/** Moments in these histories are milliseconds since this one. */
const BEGIN_MS = Date.UTC(2026, 0, 1);
export const LEASE_MS = 3_000;

export const toUs = (ms: number): number => (BEGIN_MS + ms) * 1_000;
export const toSlot = (ms: number): string => new Date(BEGIN_MS + ms).toISOString();
export const toDatabaseMs = (ms: number): number => BEGIN_MS + ms;

/** Each worker's monotonic clock began at another time. */
const UPTIME_MS: Readonly<Record<string, number>> = { a: 100, b: 5_000, c: 70_000 };

/** What a worker told at `atMs` of target 1's slot at `slotMs`. Each takeover has a batch of its own. */
export function told(
  worker: string,
  event: HistoryEvent['event'],
  slotMs: number,
  atMs: number,
  epoch = 1,
): HistoryEvent {
  const monotonicMs = atMs + (UPTIME_MS[worker] ?? 0);
  const extra = {
    leased: { expiresAtMonotonicMs: monotonicMs + LEASE_MS },
    taken_over: { expiresAtMonotonicMs: monotonicMs + LEASE_MS },
    started: {},
    confirming: {},
    finished: { outcome: 'up', cause: null, totalUs: 1_000 },
    returned: { reason: 'shutdown' },
    recorded: {},
    lost: {},
    given_back: {},
    skipped: { reason: 'still_running' },
    made_gap: {},
  }[event];
  return {
    event,
    worker,
    batchId: `${slotMs}/${epoch}`,
    epoch,
    targetId: '1',
    scheduledAt: toSlot(slotMs),
    databaseMs: toDatabaseMs(atMs),
    monotonicMs,
    ...extra,
  } as HistoryEvent;
}

/** The whole of an ordinary check, from `atMs` on. */
export const ran = (worker: string, slotMs: number, atMs = slotMs + 1, epoch = 1): HistoryEvent[] =>
  [epoch > 1 ? 'taken_over' : 'leased', 'started', 'finished', 'recorded'].map((event, index) =>
    told(worker, event as HistoryEvent['event'], slotMs, atMs + index, epoch),
  );

export const aResult = (slotMs: number, more: Partial<Result> = {}): Result => ({
  targetId: '1',
  slotUs: toUs(slotMs),
  startedAtMs: toDatabaseMs(slotMs + 2),
  totalUs: 1_000,
  outcome: 'up',
  cause: null,
  ...more,
});

export const aGap = (firstMs: number, lastMs: number, slots: number, reason: GapReason = 'no_worker') => ({
  targetId: '1',
  firstUs: toUs(firstMs),
  lastUs: toUs(lastMs),
  slots,
  reason,
});

export const openBatch = (...slotsMs: readonly number[]) => ({
  batchId: `${slotsMs[0]}/1`,
  epoch: 1,
  slots: slotsMs.map(slotMs => ({ targetId: '1', slotUs: toUs(slotMs) })),
});

/** Every 10 s, since a moment off the grid; the slot at 30 s is the next. */
export const aSchedule = (more: Partial<Schedule> = {}): Schedule => ({
  targetId: '1',
  intervalUs: 10_000_000,
  gridOriginUs: toUs(-1_000_000),
  sinceUs: toUs(3_000),
  nextUs: toUs(30_000),
  ...more,
});

export const tablesOf = (results: readonly Result[], more: Partial<Tables> = {}): Tables => ({
  results,
  gaps: [],
  openBatches: [],
  schedules: [aSchedule()],
  ...more,
});
