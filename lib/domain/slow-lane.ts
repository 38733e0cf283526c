import type { Target } from './target/target.ts';

/** The places for slow checks. */
export interface SlowLane {
  /** Takes a place, if one is free and the shares of the target's host and creator allow it */
  readonly enter: (target: Target) => boolean;
  readonly leave: (target: Target) => void;
  readonly taken: () => number;
  /** The creator of targets who holds most places, and the host on which most of those are; null if none is taken */
  readonly holdsMost: () => SlowLaneHolder | null;
}

/** Whose targets hold most places of the slow lane. */
export interface SlowLaneHolder {
  readonly createdBy: string | null;
  /** Places of all its targets */
  readonly places: number;
  readonly host: string;
  readonly hostPlaces: number;
}

/** The most places of the whole lane that one creator of targets may hold, and one host of theirs. */
const CREATOR_SHARE = 3 / 4;
const HOST_SHARE = 1 / 4;

export function createSlowLane(size: number): SlowLane {
  let taken = 0;
  const held = new Map<string, { readonly share: Share; readonly places: number }>(); // by key
  const known = new WeakMap<Target, readonly Share[]>(); // a refused check asks ten times a second

  const sharesOf = (target: Target): readonly Share[] => {
    const shares = known.get(target) ?? [
      shareOf(target.createdBy, null, Math.ceil(size * CREATOR_SHARE)),
      shareOf(target.createdBy, new URL(target.url).hostname, Math.ceil(size * HOST_SHARE)),
    ];
    known.set(target, shares);
    return shares;
  };
  const heldBy = ({ key }: Share): number => held.get(key)?.places ?? 0;
  const count = (target: Target, change: 1 | -1): void => {
    taken += change;
    for (const share of sharesOf(target)) {
      const places = heldBy(share) + change;
      if (places === 0) held.delete(share.key);
      else held.set(share.key, { share, places });
    }
  };
  const largest = (isMeant: (share: Share) => boolean) =>
    [...held.values()]
      .filter(({ share }) => isMeant(share))
      .reduce<Holding>((most, one) => (one.places > most.places ? one : most), { share: null, places: 0 });

  return {
    enter: target => {
      const isFree = taken < size && sharesOf(target).every(share => heldBy(share) < share.max);
      if (isFree) count(target, 1);
      return isFree;
    },
    leave: target => count(target, -1),
    taken: () => taken,
    holdsMost: () => {
      const creator = largest(({ host }) => host === null);
      if (creator.share === null) return null;
      const { createdBy } = creator.share;
      const onHost = largest(share => share.host !== null && share.createdBy === createdBy);
      return {
        createdBy,
        places: creator.places,
        host: onHost.share?.host ?? '',
        hostPlaces: onHost.places,
      };
    },
  };
}

interface Holding {
  readonly share: Share | null;
  readonly places: number;
}

interface Share {
  readonly key: string;
  readonly createdBy: string | null;
  /** Null: the places of the creator on all hosts */
  readonly host: string | null;
  readonly max: number;
}

const shareOf = (createdBy: string | null, host: string | null, max: number): Share => ({
  key: JSON.stringify([createdBy, host]),
  createdBy,
  host,
  max,
});
