import type { Gap, Tables } from '../tables.ts';

/** One slot, or a run of them, of which the tables know what becomes of it. */
export interface Account extends Gap {
  readonly kind: 'check' | 'gap' | 'lease';
}

/** What is recorded of a slot in an open batch counts as its check. */
export function accountsOf({ results, gaps, openBatches }: Tables): readonly Account[] {
  const recorded = new Set(results.map(({ targetId, slotUs }) => `${targetId}@${slotUs}`));
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
