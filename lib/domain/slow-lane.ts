import type { Target } from './target/target.ts';

/** The places for slow checks. */
export interface SlowLane {
  /** Takes a place, if one is free and the shares of the target's host and creator allow it */
  readonly enter: (target: Target) => boolean;
  readonly leave: (target: Target) => void;
  readonly taken: () => number;
}

/** One host may hold at most a quarter of the lane, one creator of targets three quarters. */
const SHARES: readonly { readonly of: (target: Target) => string; readonly share: number }[] = [
  { of: ({ url }) => new URL(url).hostname, share: 1 / 4 },
  { of: ({ createdBy }) => createdBy ?? '', share: 3 / 4 },
];

export function createSlowLane(size: number): SlowLane {
  let taken = 0;
  const shares = SHARES.map(({ of, share }) => ({
    of,
    max: Math.ceil(size * share),
    held: new Map<string, number>(),
  }));
  const count = (target: Target, change: 1 | -1): void => {
    taken += change;
    for (const { of, held } of shares) {
      const key = of(target);
      const left = (held.get(key) ?? 0) + change;
      if (left === 0) held.delete(key);
      else held.set(key, left);
    }
  };
  return {
    enter: target => {
      const isFree = taken < size && shares.every(({ of, max, held }) => (held.get(of(target)) ?? 0) < max);
      if (isFree) count(target, 1);
      return isFree;
    },
    leave: target => count(target, -1),
    taken: () => taken,
  };
}
