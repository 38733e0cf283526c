import type { Target } from './target/target.ts';

/** The places for slow checks. */
export interface SlowLane {
  /** Takes a place, if one is free and the shares of the target's host and creator allow it */
  readonly enter: (target: Target) => boolean;
  readonly leave: (target: Target) => void;
  readonly taken: () => number;
}

/** The most places of the whole lane that one creator of targets may hold, and one host of theirs. */
const CREATOR_SHARE = 3 / 4;
const HOST_SHARE = 1 / 4;

export function createSlowLane(size: number): SlowLane {
  let taken = 0;
  const held = new Map<string, number>(); // by creator, and by creator and host
  const known = new WeakMap<Target, readonly Share[]>(); // a refused check asks ten times a second

  const sharesOf = (target: Target): readonly Share[] => {
    const shares = known.get(target) ?? [
      { key: JSON.stringify([target.createdBy]), max: Math.ceil(size * CREATOR_SHARE) },
      {
        key: JSON.stringify([target.createdBy, new URL(target.url).hostname]),
        max: Math.ceil(size * HOST_SHARE),
      },
    ];
    known.set(target, shares);
    return shares;
  };
  const heldBy = ({ key }: Share): number => held.get(key) ?? 0;
  const count = (target: Target, change: 1 | -1): void => {
    taken += change;
    for (const share of sharesOf(target)) {
      const left = heldBy(share) + change;
      if (left === 0) held.delete(share.key);
      else held.set(share.key, left);
    }
  };

  return {
    enter: target => {
      const isFree = taken < size && sharesOf(target).every(share => heldBy(share) < share.max);
      if (isFree) count(target, 1);
      return isFree;
    },
    leave: target => count(target, -1),
    taken: () => taken,
  };
}

interface Share {
  readonly key: string;
  readonly max: number;
}
