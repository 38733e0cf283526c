import { readFileSync, statSync } from 'node:fs';
import { decodeText } from './decode-text.ts';

const LOOK_EVERY_MS = 1000;

/**
 * Returns a function that returns the parsed content of a file. A call checks, at most once a second, whether
 * the file was changed or replaced, and if so reads and parses it again. A missing file counts as empty; a file
 * that cannot be read leaves the last content.
 *
 * Synchronous: a look takes microseconds, while the thread pool may be busy with other work.
 */
export function watchFile<T>(path: string, parse: (text: string) => T): () => T {
  let parsed = parse('');
  let known: string | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const look = (): void => {
    const found = statSync(path, { throwIfNoEntry: false });
    const state = found && `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
    if (state === known) return;
    parsed = parse(state === undefined ? '' : decodeText(readFileSync(path)));
    known = state;
  };

  return () => {
    if (performance.now() - lookedAtMs < LOOK_EVERY_MS) return parsed;
    lookedAtMs = performance.now();
    try {
      look();
    } catch {
      // out of file descriptors, or no permission: the next look may succeed
    }
    return parsed;
  };
}
