/** How much of the worker is taken. */
export interface Occupancy {
  /** Slots leased and not settled yet: each has one of the places */
  readonly running: number;
  /** Settled and not recorded yet */
  readonly unrecorded: number;
}

export interface Limits {
  /** Checks running at once */
  readonly workerNumber: number;
  /** Slots leased or unrecorded at once */
  readonly queueSize: number;
  /** Slots leased in one statement */
  readonly batchSize: number;
}

export const VACANT: Occupancy = { running: 0, unrecorded: 0 };

export const leased = (now: Occupancy, count: number): Occupancy => ({
  ...now,
  running: now.running + count,
});

export const settled = (now: Occupancy, count: number): Occupancy => ({
  running: now.running - count,
  unrecorded: now.unrecorded + count,
});

export const recorded = (now: Occupancy, count: number): Occupancy => ({
  ...now,
  unrecorded: now.unrecorded - count,
});

/** How many slots there is room for. */
export const leasesMax = ({ running, unrecorded }: Occupancy, limits: Limits): number =>
  Math.max(
    0,
    Math.min(limits.workerNumber - running, limits.queueSize - running - unrecorded, limits.batchSize),
  );

/**
 * Whether there is room worth a lease query. A worker that has been full asks again not for the
 * first place that frees but for an eighth of them, so that batches stay large under load; see
 * docs/decisions for the measurement.
 */
export const hasRoom = (now: Occupancy, limits: Limits): boolean =>
  leasesMax(now, limits) >= Math.ceil(leasesMax(VACANT, limits) / 8);
