import { readFileSync, statSync } from 'node:fs';

const LOOK_AGAIN_MS = 1000;

/**
 * What `parse` makes of a file: again whenever its modification time has changed, which is looked
 * at when asked for and at most once a second. A file that is not there reads as empty; one that
 * cannot be read leaves what was read before.
 *
 * Synchronously, for a look takes microseconds, whereas the thread pool may be held by others.
 */
export function watchFile<T>(path: string, parse: (text: string) => T): () => T {
  let parsed = parse('');
  let modifiedMs: number | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const look = (): void => {
    const foundMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (foundMs === modifiedMs) return;
    parsed = parse(foundMs === undefined ? '' : readFileSync(path, 'utf8'));
    modifiedMs = foundMs;
  };

  return () => {
    if (performance.now() - lookedAtMs < LOOK_AGAIN_MS) return parsed;
    lookedAtMs = performance.now();
    try {
      look();
    } catch {
      // no descriptor left, or no permission: the next look may fare better
    }
    return parsed;
  };
}
