/** How often is looked, in ms. */
export const LOOK_EVERY_MS = 50;

const looks = new Set<() => void>();
let looking: NodeJS.Timeout | undefined;

/**
 * Has `look` called every 50 ms, for what shows in no event. One timer for all: an idle process has none.
 *
 * @returns a function that ends it
 */
export function lookPeriodically(look: () => void): () => void {
  looks.add(look);
  looking ??= setInterval(() => {
    for (const look of looks) look();
  }, LOOK_EVERY_MS).unref();
  return () => {
    looks.delete(look);
    if (looks.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  };
}
