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
  /** Further attempts before a target is called down that was not down before; 0 = the first attempt decides */
  readonly confirm: number;
}

type CheckPorts = Pick<Ports, 'fetch' | 'match' | 'hooks' | 'stopping' | 'aborting' | 'monotonicMs'>;

/** Slots that fall due within this time start together: waking for each cost a tenth more CPU. */
const START_STEP_MS = 10;

/**
 * Runs one leased slot when it falls due: fetches, searches and judges, and confirms a `down` on a new
 * connection. Emits once and never errors.
 */
export const checkSlot = (ports: CheckPorts, settings: CheckSettings) => {
  const run = runSlot(ports, settings);
  return (lease: Lease): Observable<Settled> =>
    defer(() => {
      const nowMs = ports.monotonicMs();
      const dueMs = lease.scheduledAtMs - lease.databaseClockOffsetMs;
      if (dueMs <= nowMs) return run(lease);
      const startMs = Math.ceil(dueMs / START_STEP_MS) * START_STEP_MS;
      // A timer may fire up to 1 ms early, and no slot may run early.
      return sleep(Math.ceil(startMs - nowMs) + 1).pipe(
        takeUntil(ports.stopping),
        switchMap(() => run(lease)), // the sleep emits once, so this never cancels a run
        defaultIfEmpty<Settled, Settled>({ kind: 'returned', lease, reason: 'shutdown' }),
      );
    });
};

/** Makes the first attempt and, as long as the target looks down, those that confirm it. */
const runSlot =
  (ports: CheckPorts, settings: CheckSettings) =>
  (lease: Lease): Observable<Settled> => {
    const { started, confirming } = ports.hooks;
    // A target that is already down needs no confirmation: `down` is no transition.
    const confirmationsMax = lease.isDown ? 0 : settings.confirm;
    const first = fenced(ports, lease, 1 + confirmationsMax, () => {
      started(lease);
      return attempt(ports, settings, lease, confirmationsMax === 0);
    });
    const confirmation = fenced(ports, lease, 1, () => {
      confirming(lease);
      return attempt(ports, settings, lease, true);
    });
    return confirmed(first, confirmation, confirmationsMax);
  };

/**
 * Runs `work` only if the lease lasts for `attempts` timeouts; else returns the slot. This is the fence: a
 * worker that was paused past its lease starts no fetch for a slot that another worker may now be running.
 */
const fenced = (
  { monotonicMs }: CheckPorts,
  lease: Lease,
  attempts: number,
  work: () => Observable<Settled>,
): Observable<Settled> =>
  defer(() =>
    monotonicMs() + attempts * lease.target.timeoutMs > lease.expiresAtMonotonicMs
      ? of<Settled>({ kind: 'returned', lease, reason: 'lease_too_short' })
      : work(),
  );

/**
 * Emits the result of the last attempt: of the first one that is not down, or of the last confirmation
 * allowed.
 */
const confirmed = (
  first: Observable<Settled>,
  confirmation: Observable<Settled>,
  confirmationsMax: number,
): Observable<Settled> =>
  first.pipe(
    switchMap(one =>
      confirmationsMax === 0 || !isDown(one)
        ? of(one)
        : confirmed(confirmation, confirmation, confirmationsMax - 1).pipe(
            map(last => asConfirmationOf(one, last)),
          ),
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

/** Makes one attempt and judges it. */
const attempt = (
  ports: CheckPorts,
  rules: Rules,
  lease: Lease,
  onNewConnection: boolean,
): Observable<Settled> =>
  defer(() => {
    const startedMonotonicMs = ports.monotonicMs();
    const startedAtMs = startedMonotonicMs + lease.databaseClockOffsetMs;
    const deadlineMonotonicMs = startedMonotonicMs + lease.target.timeoutMs;
    return defer(() => ports.fetch(lease.target, deadlineMonotonicMs, onNewConnection)).pipe(
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
  if (pattern.problem !== null) return of(knownProblem(pattern, pattern.problem));
  return defer(() => ports.match(pattern.text, answer.body)).pipe(
    catchError(() => of<Match>({ kind: 'not-run' })), // the matcher broke its promise never to reject
  );
}

/** The match of a pattern that was found unusable earlier and is not run any more. */
const knownProblem = ({ overruns }: Pattern, detail: string): Match => ({
  kind: overruns < OVERRUNS_MAX ? 'invalid' : 'set-aside',
  detail,
});

/** The answer in place of a fetch that broke its promise never to error: our fault, and the stream goes on. */
const brokenPromise = (error: unknown, elapsedMs: number): Answer =>
  failed('internal_error', error instanceof Error ? error.name : 'unknown error', {
    phases: { ...NO_PHASES, totalUs: Math.round(elapsedMs * 1_000) },
  });
