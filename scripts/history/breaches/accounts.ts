import type { Gap, Tables } from '../tables.ts';

/** One slot, or several in a row, that the tables account for. */
export interface Account extends Omit<Gap, 'reason'> {
  readonly kind: 'check' | 'gap' | 'lease';
}

/** A recorded slot in an open batch counts as its check or gap. */
export function accountsOf({ results, gaps, openBatches }: Tables): readonly Account[] {
  const recorded = new Set([
    ...results.map(({ targetId, slotUs }) => `${targetId}@${slotUs}`),
    ...gaps
      .filter(({ reason }) => reason !== 'no_worker')
      .map(({ targetId, firstUs }) => `${targetId}@${firstUs}`),
  ]);
  const leased = openBatches
    .flatMap(({ slots }) => slots)
    .filter(({ targetId, slotUs }) => !recorded.has(`${targetId}@${slotUs}`));
  const single =
    (kind: Account['kind']) =>
    ({ targetId, slotUs }: { readonly targetId: string; readonly slotUs: number }): Account => ({
      kind,
      targetId,
      firstUs: slotUs,
      lastUs: slotUs,
      slots: 1,
    });
  return [
    ...results.map(single('check')),
    ...gaps.map(gap => ({ kind: 'gap' as const, ...gap })),
    ...leased.map(single('lease')),
  ];
}
