import type { Settled } from '../../domain/check/check.ts';
import type { Lease } from '../../domain/check/lease.ts';

/** What a set of settled slots means for the batches that they came in. */
export interface BatchChanges {
  /** Every batch concerned, with the epoch that this process holds it by */
  readonly held: readonly { readonly batchId: string; readonly epoch: number }[];
  /** Their last slot is among these, and all were run */
  readonly released: readonly string[];
  /** Their last slot is among these, and some were not run */
  readonly givenBack: readonly string[];
}

/** Which leased batches this process still owes something, and how much. */
export interface HeldBatches {
  /** To be left alone by our own takeover: their results are on the way */
  readonly ids: () => string[];
  readonly add: (leases: readonly Lease[]) => void;
  /** Counts the settled slots off. To be called once for each, whatever becomes of recording them. */
  readonly settle: (settled: readonly Settled[]) => BatchChanges;
  /** Once the database has been told */
  readonly forget: (changes: BatchChanges) => void;
}

export function holdBatches(): HeldBatches {
  const batches = new Map<string, { readonly epoch: number; slotsOwed: number; wasLeftUnrun: boolean }>();

  return {
    ids: () => [...batches.keys()],
    add: leases => {
      for (const { batchId, epoch } of leases) {
        const batch = batches.get(batchId);
        if (batch) batch.slotsOwed += 1;
        else batches.set(batchId, { epoch, slotsOwed: 1, wasLeftUnrun: false });
      }
    },
    settle: settled => {
      const concerned = new Map<string, number>();
      for (const { kind, lease } of settled) {
        const batch = batches.get(lease.batchId);
        if (!batch) throw new Error(`batch ${lease.batchId} is settled but not held`);
        batch.slotsOwed -= 1;
        batch.wasLeftUnrun ||= kind === 'returned';
        concerned.set(lease.batchId, lease.epoch);
      }
      const complete = [...concerned.keys()].filter(id => batches.get(id)?.slotsOwed === 0);
      return {
        held: [...concerned].map(([batchId, epoch]) => ({ batchId, epoch })),
        released: complete.filter(id => !batches.get(id)?.wasLeftUnrun),
        givenBack: complete.filter(id => batches.get(id)?.wasLeftUnrun),
      };
    },
    forget: ({ released, givenBack }) => {
      for (const id of [...released, ...givenBack]) batches.delete(id);
    },
  };
}
