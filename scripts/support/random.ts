/** The next number of a stream, in [0, 1). */
export type Random = () => number;

/** An integer from `min` to `max`, inclusive. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * The same numbers for the same seed (mulberry32), for reproducible data. Not for secrets.
 */
export const seededRandom = (seed: number): Random => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const randomInteger = (random: Random, { min, max }: Range): number =>
  min + Math.floor(random() * (max - min + 1));

/** Lower-case letters of the English alphabet. */
export const randomLetters = (random: Random, length: number): string =>
  Buffer.from(Array.from({ length }, () => randomInteger(random, { min: 97, max: 122 }))).toString('latin1');
