import type { Target } from './target/target.ts';

/** The places for slow checks. */
export interface SlowLane {
  /** Takes a place, if one is free and the shares of the target's host and creator allow it */
  readonly enter: (target: Target) => boolean;
  readonly leave: (target: Target) => void;
  readonly taken: () => number;
}

/** Of the lane, one creator of targets may hold at most three quarters, and one host of theirs a quarter. */
const SHARES: readonly { readonly of: (target: Target) => string; readonly share: number }[] = [
  { of: ({ createdBy }) => createdBy ?? '', share: 3 / 4 },
  { of: ({ createdBy, url }) => `${createdBy ?? ''} ${new URL(url).hostname}`, share: 1 / 4 },
];

export function createSlowLane(size: number): SlowLane {
  let taken = 0;
  const known = new WeakMap<Target, readonly string[]>(); // a refused check asks ten times a second
  const keysOf = (target: Target): readonly string[] => {
    const keys = known.get(target) ?? SHARES.map(({ of }) => of(target));
    known.set(target, keys);
    return keys;
  };
  const shares = SHARES.map(({ share }) => ({
    max: Math.ceil(size * share),
    held: new Map<string, number>(),
  }));
  const count = (target: Target, change: 1 | -1): void => {
    taken += change;
    for (const [index, { held }] of shares.entries()) {
      const key = keysOf(target)[index] ?? '';
      const left = (held.get(key) ?? 0) + change;
      if (left === 0) held.delete(key);
      else held.set(key, left);
    }
  };
  return {
    enter: target => {
      const keys = keysOf(target);
      const isFree =
        taken < size && shares.every(({ max, held }, index) => (held.get(keys[index] ?? '') ?? 0) < max);
      if (isFree) count(target, 1);
      return isFree;
    },
    leave: target => count(target, -1),
    taken: () => taken,
  };
}
