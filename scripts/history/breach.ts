import type { Evidence } from './evidence.ts';
import { fromMicroseconds } from './slot-moment.ts';
import type { SlotOf } from './tables.ts';

/** Something that must never happen. */
export interface Breach {
  /** Its number in docs/ARCHITECTURE.md */
  readonly invariant: number;
  /** One of a fixed set of sentences, for counting */
  readonly problem: string;
  readonly targetId: string;
  /** Null if it concerns the target as a whole */
  readonly scheduledAt: string | null;
  readonly detail: string;
}

export type Inspection = (evidence: Evidence) => readonly Breach[];

/** One breach, or none. */
export const breachIf = (
  isBroken: boolean,
  invariant: number,
  problem: string,
  { targetId, slotUs }: Pick<SlotOf, 'targetId'> & Partial<SlotOf>,
  detail = '',
): readonly Breach[] => {
  const scheduledAt = slotUs === undefined ? null : fromMicroseconds(slotUs);
  return isBroken ? [{ invariant, problem, targetId, scheduledAt, detail }] : [];
};
