import {
  bufferCount,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  type Observable,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Lease } from '../../domain/check/lease.ts';
import type { Ports, Recorded } from '../ports.ts';

/** Longest time for giving leases back at the end: a dead database must not hold us, and leases expire anyway. */
const RETURNING_MS_MAX = 2_000;
/** As many as the pipeline records at once. */
const BATCH_MAX = 500;

/**
 * Runs the pipeline, and gives back what it still has leased if it ends otherwise than by completing: by the error of
 * a port, or because its subscriber went away without `aborting`. Others would wait for these leases to expire.
 */
export const returnLeases = (
  ports: Ports,
  run: (ports: Ports) => Observable<Recorded>,
): Observable<Recorded> =>
  defer(() => {
    const held = new Set<Lease>();
    const watched: Ports = {
      ...ports,
      lease: leasesMax =>
        ports.lease(leasesMax).pipe(
          tap(({ leases }) => {
            for (const lease of leases) held.add(lease);
          }),
        ),
      record: settled => {
        for (const { lease } of settled) held.delete(lease); // from now on the recording decides
        return ports.record(settled);
      },
    };
    const giveBack = defer(() => {
      const left = [...held];
      held.clear();
      return from(left).pipe(
        bufferCount(BATCH_MAX),
        concatMap(leases =>
          ports.record(leases.map(lease => ({ kind: 'returned', lease, reason: 'shutdown' }))),
        ),
        takeUntil(timer(RETURNING_MS_MAX)),
        ignoreElements(),
        catchError(() => EMPTY),
      );
    });
    const failing = (error: unknown) =>
      concat(
        giveBack,
        throwError(() => error),
      );
    return defer(() => run(watched)).pipe(
      catchError(failing),
      finalize(() => giveBack.subscribe()),
    );
  });
