/** How often, in ms. */
export const LOOK_EVERY_MS = 50;

const looks = new Set<() => void>();
let looking: NodeJS.Timeout | undefined;

/**
 * Calls `look` every 50 ms, to notice what shows in no event. All callers share one timer; an idle process has none.
 *
 * @returns a function that stops the calls
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
