import type { LeasePass, Recorded } from '../checking/ports.ts';

/** What this worker owes, and by when; times on the monotonic clock, `Infinity` = nothing is owed. */
export interface DueWork {
  /** When the next lease pass is due */
  readonly leaseByMs: number;
  /** When something of what is in hand must have been recorded */
  readonly recordByMs: number;
  /** Slots leased and not recorded yet */
  readonly inHandCount: number;
  /** When the latest lease expires */
  readonly leaseExpiresAtMs: number;
}

const NEVER_MS = Number.POSITIVE_INFINITY;

/** Before the first lease pass. */
export const NOTHING_DUE: DueWork = {
  leaseByMs: NEVER_MS,
  recordByMs: NEVER_MS,
  inHandCount: 0,
  leaseExpiresAtMs: NEVER_MS,
};

export function afterPass(due: DueWork, { leases, nextDueInMs }: LeasePass, nowMs: number): DueWork {
  const leaseExpiresAtMs = leases[0]?.expiresAtMonotonicMs ?? due.leaseExpiresAtMs; // one batch, one expiry
  return {
    leaseByMs: nowMs + nextDueInMs,
    recordByMs: due.inHandCount === 0 && leases.length > 0 ? leaseExpiresAtMs : due.recordByMs,
    inHandCount: due.inHandCount + leases.length,
    leaseExpiresAtMs,
  };
}

export function afterRecording(due: DueWork, { settled }: Recorded): DueWork {
  const inHandCount = due.inHandCount - settled.length;
  return { ...due, inHandCount, recordByMs: inHandCount === 0 ? NEVER_MS : due.leaseExpiresAtMs };
}

/** A busy worker may be late by seconds; one that is late by a minute is stuck, or has too much to do. */
const LATE_MS_MAX = 60_000;

/** Says which work is overdue and for how long, or null if none is. */
export function overdue({ leaseByMs, recordByMs }: DueWork, nowMs: number): string | null {
  const dueAtMs = Math.min(leaseByMs, recordByMs);
  if (nowMs <= dueAtMs + LATE_MS_MAX) return null;
  const what = dueAtMs === leaseByMs ? 'due slots are not leased' : 'leased slots are not recorded';
  return `${what}: overdue for ${Math.floor((nowMs - dueAtMs) / 1_000)} s`;
}
