/** How much work the worker has in hand. */
export interface Occupancy {
  /** Slots leased and not settled yet; each but the slow ones takes one of the worker's places */
  readonly running: number;
  /** Those of them in the slow lane, which has places of its own */
  readonly slow: number;
  /** Slots settled and not recorded yet */
  readonly unrecorded: number;
}

/** Bounds on the work in hand. */
export interface Limits {
  /** Checks that may run at once, not counting slow ones: the worker's places */
  readonly workerNumber: number;
  /** Slots that may be leased or unrecorded at once, not counting slow checks: the bound on memory while the database is slow */
  readonly queueSize: number;
  /** Slots that one statement may lease */
  readonly batchSize: number;
}

export const VACANT: Occupancy = { running: 0, slow: 0, unrecorded: 0 };

/** The occupancy after `count` slots were leased. */
export const leased = (now: Occupancy, count: number): Occupancy => ({
  ...now,
  running: now.running + count,
});

/** The occupancy after `count` running slots were checked or returned. */
export const settled = (now: Occupancy, count: number): Occupancy => ({
  ...now,
  running: now.running - count,
  unrecorded: now.unrecorded + count,
});

/** The occupancy after `count` settled slots were recorded or given back. */
export const recorded = (now: Occupancy, count: number): Occupancy => ({
  ...now,
  unrecorded: now.unrecorded - count,
});

/** How many of the worker's places are taken. */
export const placesTaken = ({ running, slow }: Occupancy): number => running - slow;

/** How many slots the next statement may lease; 0 or more. */
export const leasesMax = (now: Occupancy, limits: Limits): number => {
  const taken = placesTaken(now);
  return Math.max(
    0,
    Math.min(limits.workerNumber - taken, limits.queueSize - taken - now.unrecorded, limits.batchSize),
  );
};

/**
 * Whether there is enough room to make a lease query worthwhile: an eighth of what an idle worker leases.
 * Leasing at the first free place would shrink batches under load; docs/decisions has the measurement.
 */
export const hasRoom = (now: Occupancy, limits: Limits): boolean =>
  leasesMax(now, limits) >= Math.ceil(leasesMax(VACANT, limits) / 8);
