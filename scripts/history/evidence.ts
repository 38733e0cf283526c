import type { HistoryEvent, Leased } from '../../lib/history/event.ts';
import { toMicroseconds } from './slot-moment.ts';
import type { LoggedRequest, Result, SlotOf, Tables } from './tables.ts';

/** Everything known, indexed once for all inspections. */
export interface Evidence {
  /** Per worker, in the order in which it wrote */
  readonly workers: readonly (readonly HistoryEvent[])[];
  readonly slots: readonly SlotEvidence[];
  readonly tables: Tables;
  /** Null without a website's log */
  readonly requests: readonly LoggedRequest[] | null;
}

/** Everything known about one slot. */
export interface SlotEvidence extends SlotOf {
  readonly events: readonly HistoryEvent[];
  readonly results: readonly Result[];
}

export function gatherEvidence(
  history: readonly HistoryEvent[],
  tables: Tables,
  requests: readonly LoggedRequest[] | null,
): Evidence {
  const slots = new Map<string, SlotOf & { events: HistoryEvent[]; results: Result[] }>();
  const slotAt = ({ targetId, slotUs }: SlotOf) => {
    const key = `${targetId}@${slotUs}`;
    const slot = slots.get(key) ?? { targetId, slotUs, events: [], results: [] };
    slots.set(key, slot);
    return slot;
  };
  for (const event of history) slotAt(slotOf(event)).events.push(event);
  for (const result of tables.results) slotAt(result).results.push(result);
  const workers = [...Map.groupBy(history, ({ worker }) => worker).values()];
  return { workers, slots: [...slots.values()], tables, requests };
}

/** The slot that an event is about. */
export const slotOf = ({ targetId, scheduledAt }: HistoryEvent): SlotOf => ({
  targetId,
  slotUs: toMicroseconds(scheduledAt),
});

export const isLeased = (event: HistoryEvent): event is Leased =>
  event.event === 'leased' || event.event === 'taken_over';

/** Whether both events are from the same worker and lease. */
export const isSameLease = (one: HistoryEvent, other: HistoryEvent): boolean =>
  one.worker === other.worker && one.batchId === other.batchId && one.epoch === other.epoch;

/** All but the first of each `key`. */
export function repeated<T>(items: readonly T[], key: (item: T) => unknown): readonly T[] {
  const firsts = new Map(items.toReversed().map(item => [key(item), item]));
  return items.filter(item => firsts.get(key(item)) !== item);
}
