import { LRUCache } from 'lru-cache';

/** Remembers which patterns were slow, so that they do not hold up the quick ones again. */
export interface SlowPatterns {
  /** Whether the pattern was slow and has not been quick often enough since. */
  readonly includes: (pattern: string) => boolean;
  readonly wasSlow: (pattern: string) => void;
  readonly wasQuick: (pattern: string) => void;
}

/**
 * After being slow for the n-th time, a pattern must be quick 2^n times before it counts as quick again. So a
 * pattern that was slow by chance (a long body, a busy machine) soon returns, and one that alternates disturbs
 * the quick ones only log2(N) times in N searches.
 *
 * @param patternsMax patterns to remember; beyond that, the one used longest ago is forgotten
 */
export const createSlowPatterns = (patternsMax: number): SlowPatterns => {
  const records = new LRUCache<string, { readonly timesSlow: number; readonly quickAnswersOwed: number }>({
    max: patternsMax,
  });

  const wasSlow = (pattern: string): void => {
    const timesSlow = (records.get(pattern)?.timesSlow ?? 0) + 1;
    records.set(pattern, { timesSlow, quickAnswersOwed: 2 ** timesSlow });
  };

  const wasQuick = (pattern: string): void => {
    const record = records.get(pattern);
    if (record) records.set(pattern, { ...record, quickAnswersOwed: record.quickAnswersOwed - 1 });
  };

  const includes = (pattern: string): boolean => (records.get(pattern)?.quickAnswersOwed ?? 0) > 0;

  return { includes, wasSlow, wasQuick };
};
