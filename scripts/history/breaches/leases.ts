import type { HistoryEvent, Leased } from '../../../lib/history/event.ts';
import { breachIf, type Inspection } from '../breach.ts';
import { type Evidence, isLeased, repeated, type SlotEvidence } from '../evidence.ts';

/** Invariant 3: no slot is in two unexpired leases. */
export const inspectLeases: Inspection = evidence => {
  const endings = givenBackFromMs(evidence);
  return [...evidence.slots.flatMap(slot => inspectSlot(slot, endings)), ...inspectBatches(evidence)];
};

function inspectSlot(slot: SlotEvidence, endings: ReadonlyMap<string, number>) {
  const leases = slot.events.filter(isLeased).toSorted((one, other) => one.epoch - other.epoch);
  const twins = repeated(leases, ({ epoch }) => epoch);
  const early = leases.filter(({ epoch, databaseMs }) =>
    leases.some(former => former.epoch < epoch && endsMs(former, endings) > databaseMs),
  );
  return [
    ...twins.flatMap(twin => breachIf(true, 3, 'leased twice under one epoch', slot, nameOf(twin))),
    ...early.flatMap(one => breachIf(true, 3, 'taken over before the lease had expired', slot, nameOf(one))),
  ];
}

const inspectBatches: Inspection = ({ tables }) => {
  const slots = tables.openBatches.flatMap(batch => batch.slots);
  return repeated(slots, ({ targetId, slotUs }) => `${targetId}@${slotUs}`).flatMap(slot =>
    breachIf(true, 3, 'in two open batches', slot),
  );
};

const nameOf = ({ worker, epoch }: Leased): string => `by ${worker} under epoch ${epoch}`;
const keyOf = ({ worker, batchId, epoch }: HistoryEvent): string => `${worker} ${batchId} ${epoch}`;

/** On the database's clock; errs by a round trip to the early side. */
const endsMs = (lease: Leased, endings: ReadonlyMap<string, number>): number => {
  const expiresAtMs = lease.expiresAtMonotonicMs + lease.databaseMs - lease.monotonicMs;
  return Math.min(expiresAtMs, endings.get(keyOf(lease)) ?? Number.POSITIVE_INFINITY);
};

/** For leases with a returned slot: the earliest moment at which it can have been given back. */
function givenBackFromMs({ workers }: Evidence): ReadonlyMap<string, number> {
  const endings = new Map<string, number>();
  for (const event of workers.flat()) {
    if (event.event === 'returned' && !endings.has(keyOf(event))) endings.set(keyOf(event), event.databaseMs);
  }
  return endings;
}
