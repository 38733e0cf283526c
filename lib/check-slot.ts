import { catchError, defaultIfEmpty, defer, map, type Observable, of, switchMap, takeUntil } from 'rxjs';
import type { Answer } from './domain/answer.ts';
import type { Settled } from './domain/check.ts';
import { judge, type Rules } from './domain/judge.ts';
import type { Lease } from './domain/lease.ts';
import type { Match } from './domain/match.ts';
import type { Ports } from './ports.ts';

/** The pattern's own budget where the fetch has left less: a slow website is not its pattern's fault. */
const MATCH_BUDGET_MS = 1_000;

type CheckPorts = Pick<Ports, 'fetch' | 'match' | 'measure' | 'aborting' | 'monotonicMs'>;

/** Runs one leased slot: fetch, search, judge. Emits once and never errors. */
export const checkSlot =
  (ports: CheckPorts, rules: Rules) =>
  (lease: Lease): Observable<Settled> =>
    defer((): Observable<Settled> => {
      const startedMonotonicMs = ports.monotonicMs();
      const deadlineMonotonicMs = startedMonotonicMs + lease.target.timeoutMs;
      // The fence: whoever was paused past its lease starts nothing that another may be running.
      if (deadlineMonotonicMs > lease.expiresAtMonotonicMs) {
        return of({ kind: 'unrun', lease, reason: 'lease_too_short' });
      }
      const startedAtMs = startedMonotonicMs + lease.databaseClockOffsetMs;
      ports.measure.started(lease);

      return defer(() => ports.fetch(lease.target, deadlineMonotonicMs)).pipe(
        takeUntil(ports.aborting),
        defaultIfEmpty<Answer, Answer>({ kind: 'aborted' }),
        catchError(error => of(brokenPromise(error, ports.monotonicMs() - startedMonotonicMs))),
        switchMap(
          (answer): Observable<Settled> =>
            answer.kind === 'aborted'
              ? of({ kind: 'unrun', lease, reason: 'shutdown' })
              : search(ports, lease, answer, deadlineMonotonicMs).pipe(
                  map(match => judge({ lease, startedAtMs, answer, match }, rules)),
                ),
        ),
      );
    });

function search(
  ports: CheckPorts,
  { target: { regexPattern } }: Lease,
  answer: Answer,
  deadlineMonotonicMs: number,
): Observable<Match | null> {
  if (regexPattern === null || answer.kind !== 'answered') return of(null);
  const budgetEndsMonotonicMs = Math.max(deadlineMonotonicMs, ports.monotonicMs() + MATCH_BUDGET_MS);
  return defer(() => ports.match(regexPattern, answer.body, budgetEndsMonotonicMs)).pipe(
    catchError(() => of<Match>({ kind: 'timed-out' })), // a matcher that errs has broken its contract, too
  );
}

/** A port that errs has broken its contract: that is our trouble, and must not end the stream. */
const brokenPromise = (error: unknown, elapsedMs: number): Answer => ({
  kind: 'failed',
  cause: 'internal_error',
  detail: error instanceof Error ? error.name : 'unknown error',
  httpStatus: null,
  phases: {
    dnsUs: null,
    connectUs: null,
    tlsUs: null,
    ttfbUs: null,
    transferUs: null,
    totalUs: Math.round(elapsedMs * 1_000),
  },
});
