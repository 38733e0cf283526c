import { readFileSync, statSync } from 'node:fs';

const LOOK_AGAIN_MS = 1000;

/**
 * What `parse` makes of a file: again whenever it has been changed or replaced, which is looked
 * at when asked for and at most once a second. A file that is not there reads as empty; one that
 * cannot be read leaves what was read before.
 *
 * Synchronously, for a look takes microseconds, whereas the thread pool may be held by others.
 */
export function watchFile<T>(path: string, parse: (text: string) => T): () => T {
  let parsed = parse('');
  let known: string | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const look = (): void => {
    const found = statSync(path, { throwIfNoEntry: false });
    const state = found && `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
    if (state === known) return;
    parsed = parse(state === undefined ? '' : readFileSync(path, 'utf8'));
    known = state;
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
