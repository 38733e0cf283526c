import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  mergeMap,
  type Observable,
  tap,
} from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import type { Check } from '../../domain/check/check.ts';
import { gatherMap } from '../../operators/gather-map.ts';

/** Checks in one statement */
const BATCH_MAX = 500;
/** News is rare, so it is worth waiting for more */
const LINGER_MS = 200;

export interface NewsSettings {
  /** Whether a check shows something that one of the works records */
  readonly isNews: (check: Check) => boolean;
  /** Run one after another over the same checks, each of which is news to one of them at least */
  readonly works: readonly ((checks: readonly Check[]) => Promise<void>)[];
  /** Checks that may wait for a statement under way. More are dropped: the next check shows the same */
  readonly waitingMax: number;
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Records what checks show beyond themselves. Emits nothing and completes with the source. A failure is reported and not
 * retried: the next check shows the same.
 */
export function recordNews({ isNews, works, waitingMax, onTrouble }: NewsSettings) {
  let waiting = 0;
  const record = (checks: readonly Check[]): Observable<never> => {
    waiting -= checks.length;
    const tried = works.map(work =>
      defer(() => work(checks)).pipe(
        ignoreElements(),
        catchError(error => {
          onTrouble(error);
          return EMPTY;
        }),
      ),
    );
    return concat(...tried);
  };
  return (recorded: Observable<Recorded>): Observable<never> =>
    recorded.pipe(
      mergeMap(({ recorded }) => recorded),
      filter(check => waiting < waitingMax && isNews(check)),
      tap(() => {
        waiting += 1;
      }),
      gatherMap(record, { countMax: BATCH_MAX, lingerMs: LINGER_MS }),
    );
}
