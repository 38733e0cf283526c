import type { HistoryEvent } from '../../../lib/history/event.ts';
import { breachIf, type Inspection } from '../breach.ts';
import { slotOf } from '../evidence.ts';

/** A slot is leased, and may be returned, before it falls due. */
const RUNNING: readonly HistoryEvent['event'][] = ['started', 'confirming', 'finished'];

/** Invariant 10: nothing is due before its time on the database's clock, and no duration is negative. */
export const inspectClocks: Inspection = ({ workers, slots, tables }) => [
  ...slots.flatMap(slot =>
    slot.events
      .filter(({ event }) => RUNNING.includes(event))
      .flatMap(({ event, databaseMs, worker }) =>
        breachIf(databaseMs * 1_000 < slot.slotUs, 10, 'run before its slot', slot, `${event} at ${worker}`),
      ),
  ),
  ...tables.results.flatMap(result => [
    ...breachIf(
      result.startedAtMs * 1_000 < result.slotUs,
      10,
      'in the tables as run before its slot',
      result,
    ),
    ...breachIf(result.totalUs < 0, 10, 'a negative duration', result, `${result.totalUs} µs`),
  ]),
  ...workers.flatMap(events =>
    events.flatMap((event, index) => {
      const backMs = (events[index - 1]?.monotonicMs ?? Number.NEGATIVE_INFINITY) - event.monotonicMs;
      return breachIf(backMs > 0, 10, 'a monotonic clock that went back', slotOf(event), `by ${backMs} ms`);
    }),
  ),
];
