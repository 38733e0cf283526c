import type { HistoryEvent } from '../../../lib/history/event.ts';
import { breachIf, type Inspection } from '../breach.ts';
import { isLeased, isSameLease, repeated, type SlotEvidence } from '../evidence.ts';

/** Invariant 3: only the worker that holds a slot's lease runs it, once. */
export const inspectStarts: Inspection = ({ slots }) =>
  slots.flatMap(slot => {
    const starts = slot.events.filter(({ event }) => event === 'started');
    const finished = slot.events.filter(({ event }) => event === 'finished');
    return [
      ...starts.flatMap(start => inspectStart(start, slot)),
      ...repeated(starts, ({ epoch }) => epoch).flatMap(({ epoch, worker }) =>
        breachIf(true, 3, 'started twice under one epoch', slot, `by ${worker} under epoch ${epoch}`),
      ),
      ...finished.flatMap(end =>
        breachIf(
          !followsOne(end, starts),
          3,
          'finished without having been started',
          slot,
          `by ${end.worker}`,
        ),
      ),
    ];
  });

function inspectStart(start: HistoryEvent, slot: SlotEvidence) {
  const lease = slot.events.filter(isLeased).find(event => followsOne(start, [event]));
  const late = lease ? start.monotonicMs - lease.expiresAtMonotonicMs : 0;
  return [
    ...breachIf(!lease, 3, 'started without a lease', slot, `by ${start.worker}`),
    ...breachIf(
      late > 0,
      3,
      'started after its lease had expired',
      slot,
      `by ${start.worker}, ${late} ms late`,
    ),
  ];
}

/** Whether one of `former` has the same lease and is earlier. */
const followsOne = (event: HistoryEvent, former: readonly HistoryEvent[]): boolean =>
  former.some(one => isSameLease(one, event) && one.monotonicMs <= event.monotonicMs);
