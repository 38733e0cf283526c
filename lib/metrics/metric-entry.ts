import { PHASES } from '../domain/check/answer.ts';

export type Labels = Readonly<Record<string, string>>;

/** One metric: the code registers it, `docs/METRICS.md` is generated from it, and specs compare both. */
export interface MetricEntry {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly unit: string;
  /** The help text */
  readonly meaning: string;
  /**
   * Every series that can exist, by its labels; left out if there is only one, without labels. URLs, targets
   * and error texts are never labels here: each value would make a new series.
   */
  readonly series?: readonly Labels[];
  /** Upper bounds of a histogram's buckets, in its unit */
  readonly buckets?: readonly number[];
}

/** One series per word. */
export const seriesOf = <Label extends string, Word extends string>(label: Label, words: readonly Word[]) =>
  words.map(word => ({ [label]: word }) as Readonly<Record<Label, Word>>);

export const PHASE_SERIES = seriesOf(
  'phase',
  PHASES.map(([phase]) => phase),
);
