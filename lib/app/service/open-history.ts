import type { Hooks } from '../../checking/ports.ts';
import { writeHistory } from '../../history/write-history.ts';
import type { Log } from '../../log/create-log.ts';
import { describeError } from '../../postgres/error-codes.ts';

/**
 * Opens the history file for as long as the scope lasts.
 *
 * @param path null: no history
 * @param worker random, of this start
 * @returns the hooks that write it, or none
 * @throws what `fs.openSync` throws
 */
export function openHistory(
  scope: AsyncDisposableStack,
  path: string | null,
  worker: string,
  log: Log,
): readonly Hooks[] {
  if (path === null) return [];
  const history = writeHistory({
    path,
    worker,
    onTrouble: error =>
      log.error('cannot write to the history file; no more history will be written', {
        reason: describeError(error),
      }),
    monotonicMs: () => performance.now(),
  });
  scope.defer(history.close);
  return [history.hooks];
}
