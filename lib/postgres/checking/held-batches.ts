import type { Settled } from '../../domain/check/check.ts';
import type { Lease } from '../../domain/check/lease.ts';

/** How settled slots change the batches that they were leased in. */
export interface BatchChanges {
  /** The batches of all these slots, each with the epoch at which this process holds it */
  readonly held: readonly { readonly batchId: string; readonly epoch: number }[];
  /** Batches that are now complete, with every slot checked */
  readonly released: readonly string[];
  /** Batches that are now complete, with some slots returned */
  readonly givenBack: readonly string[];
}

/** The leased batches that this process has not finished yet. */
export interface HeldBatches {
  /** Our takeovers skip these: their results are on the way */
  readonly ids: () => string[];
  readonly add: (leases: readonly Lease[]) => void;
  /** Counts off settled slots. Call it once per slot, even if recording is retried. */
  readonly settle: (settled: readonly Settled[]) => BatchChanges;
  /** Call once the changes are in the database */
  readonly forget: (changes: BatchChanges) => void;
}

/**
 * Creates an empty record of the batches that a worker holds; `leaseSlots` fills it, and `recordChecks`
 * empties it.
 */
export function holdBatches(): HeldBatches {
  const batches = new Map<string, { readonly epoch: number; slotsOwed: number; hasReturned: boolean }>();

  return {
    ids: () => [...batches.keys()],
    add: leases => {
      for (const { batchId, epoch } of leases) {
        const batch = batches.get(batchId);
        if (batch) batch.slotsOwed += 1;
        else batches.set(batchId, { epoch, slotsOwed: 1, hasReturned: false });
      }
    },
    settle: settled => {
      const changed = new Map<string, number>();
      for (const { kind, lease } of settled) {
        const batch = batches.get(lease.batchId);
        if (!batch) throw new Error(`batch ${lease.batchId} is settled but not held`);
        batch.slotsOwed -= 1;
        batch.hasReturned ||= kind === 'returned';
        changed.set(lease.batchId, lease.epoch);
      }
      const complete = [...changed.keys()].filter(id => batches.get(id)?.slotsOwed === 0);
      return {
        held: [...changed].map(([batchId, epoch]) => ({ batchId, epoch })),
        released: complete.filter(id => !batches.get(id)?.hasReturned),
        givenBack: complete.filter(id => batches.get(id)?.hasReturned),
      };
    },
    forget: ({ released, givenBack }) => {
      for (const id of [...released, ...givenBack]) batches.delete(id);
    },
  };
}
