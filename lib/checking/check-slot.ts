import { catchError, defaultIfEmpty, defer, map, type Observable, of, switchMap, takeUntil } from 'rxjs';
import { type Answer, NO_PHASES } from '../domain/check/answer.ts';
import type { Check, Settled } from '../domain/check/check.ts';
import { judge, type Rules } from '../domain/check/judge.ts';
import type { Lease } from '../domain/check/lease.ts';
import { failed } from '../domain/check/make-answer.ts';
import { type Match, OVERRUNS_MAX } from '../domain/check/match.ts';
import type { Pattern } from '../domain/target/target.ts';
import { sleep } from '../operators/sleep.ts';
import type { Ports } from './ports.ts';

export interface CheckSettings extends Rules {
  /** Attempts made after the first before a target that was not down is called down */
  readonly confirm: number;
}

type CheckPorts = Pick<Ports, 'fetch' | 'match' | 'hooks' | 'stopping' | 'aborting' | 'monotonicMs'>;

/** Slots that fall due within it start together: to wake for each would cost a tenth more CPU. */
const TOGETHER_MS = 10;

/**
 * Runs one leased slot at its time: fetch, search, judge, and where that turns a target down, at once
 * again on a new connection. Emits once and never errors.
 */
export const checkSlot = (ports: CheckPorts, settings: CheckSettings) => {
  const run = runSlot(ports, settings);
  return (lease: Lease): Observable<Settled> =>
    defer(() => {
      const nowMs = ports.monotonicMs();
      const dueMs = lease.scheduledAtMs - lease.databaseClockOffsetMs;
      if (dueMs <= nowMs) return run(lease);
      const startMs = Math.ceil(dueMs / TOGETHER_MS) * TOGETHER_MS;
      // One more, since a timer may fire early by less than that, and no slot is run before its time.
      return sleep(Math.ceil(startMs - nowMs) + 1).pipe(
        takeUntil(ports.stopping),
        switchMap(() => run(lease)),
        defaultIfEmpty<Settled, Settled>({ kind: 'returned', lease, reason: 'shutdown' }),
      );
    });
};

const runSlot =
  (ports: CheckPorts, settings: CheckSettings) =>
  (lease: Lease): Observable<Settled> =>
    defer(() => {
      const confirmationsMax = lease.isDown ? 0 : settings.confirm;
      const { started, confirming } = ports.hooks;
      const begin = (isAgain: boolean, attemptsAhead: number): Observable<Settled> =>
        defer(() => {
          // The fence: whoever was paused past its lease starts nothing that another may be running.
          const endsAtMs = ports.monotonicMs() + attemptsAhead * lease.target.timeoutMs;
          if (endsAtMs > lease.expiresAtMonotonicMs)
            return of<Settled>({ kind: 'returned', lease, reason: 'lease_too_short' });
          (isAgain ? confirming : started)(lease);
          // What was found over a connection that was kept is not the last word: that may be what is broken.
          return attempt(ports, settings, lease, isAgain || confirmationsMax === 0);
        });
      return confirmed(begin(false, 1 + confirmationsMax), begin(true, 1), confirmationsMax);
    });

/** Goes by the last of several attempts: the first that is not down, or the `confirmationsMax`th after the first. */
const confirmed = (
  first: Observable<Settled>,
  again: Observable<Settled>,
  confirmationsMax: number,
): Observable<Settled> =>
  first.pipe(
    switchMap(one =>
      confirmationsMax === 0 || !isDown(one)
        ? of(one)
        : confirmed(again, again, confirmationsMax - 1).pipe(map(last => asConfirmationOf(one, last))),
    ),
  );

type Down = Check & { readonly verdict: { readonly outcome: 'down' } };

const isDown = (settled: Settled): settled is Down =>
  settled.kind === 'checked' && settled.verdict.outcome === 'down';

const asConfirmationOf = (first: Down, last: Settled): Settled =>
  last.kind === 'returned'
    ? last
    : {
        ...last,
        startedAtMs: first.startedAtMs,
        confirmations: { count: (last.confirmations?.count ?? 0) + 1, firstCause: first.verdict.cause },
      };

/** One request, and what it says. */
const attempt = (ports: CheckPorts, rules: Rules, lease: Lease, dialsAnew: boolean): Observable<Settled> =>
  defer(() => {
    const startedMonotonicMs = ports.monotonicMs();
    const startedAtMs = startedMonotonicMs + lease.databaseClockOffsetMs;
    return defer(() =>
      ports.fetch(lease.target, startedMonotonicMs + lease.target.timeoutMs, dialsAnew),
    ).pipe(
      takeUntil(ports.aborting),
      defaultIfEmpty<Answer, Answer>({ kind: 'aborted' }),
      catchError(error => of(brokenPromise(error, ports.monotonicMs() - startedMonotonicMs))),
      switchMap(
        (answer): Observable<Settled> =>
          answer.kind === 'aborted'
            ? of({ kind: 'returned', lease, reason: 'shutdown' })
            : search(ports, lease.target.pattern, answer).pipe(
                map(match => judge({ lease, startedAtMs, answer, match }, rules)),
              ),
      ),
    );
  });

function search(ports: CheckPorts, pattern: Pattern | null, answer: Answer): Observable<Match | null> {
  if (pattern === null || answer.kind !== 'answered') return of(null);
  if (pattern.problem !== null) return of(problemOf(pattern, pattern.problem));
  return defer(() => ports.match(pattern.text, answer.body)).pipe(
    catchError(() => of<Match>({ kind: 'not-run' })), // a matcher that errs has broken its contract, too
  );
}

/** It was found out before that nobody can run it. */
const problemOf = ({ overruns }: Pattern, detail: string): Match => ({
  kind: overruns < OVERRUNS_MAX ? 'invalid' : 'set-aside',
  detail,
});

/** A port that errs has broken its contract: that is our trouble, and must not end the stream. */
const brokenPromise = (error: unknown, elapsedMs: number): Answer =>
  failed('internal_error', error instanceof Error ? error.name : 'unknown error', {
    phases: { ...NO_PHASES, totalUs: Math.round(elapsedMs * 1_000) },
  });
