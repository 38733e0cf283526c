import { catchError, defaultIfEmpty, defer, map, type Observable, of, switchMap, takeUntil } from 'rxjs';
import { type Answer, NO_PHASES } from '../domain/check/answer.ts';
import type { Check, Settled } from '../domain/check/check.ts';
import { judge, type Rules } from '../domain/check/judge.ts';
import { type Lease, leaseSlackMs } from '../domain/check/lease.ts';
import { failed } from '../domain/check/make-answer.ts';
import { type Match, OVERRUNS_MAX } from '../domain/check/match.ts';
import type { Pattern } from '../domain/target/target.ts';
import { sleep } from '../operators/sleep.ts';
import type { Ports } from './ports.ts';

/** How a slot is checked and judged. */
export interface CheckSettings extends Rules {
  /** Further attempts before a target is called down that was not down before; 0 = the first attempt decides */
  readonly confirm: number;
}

type CheckPorts = Pick<Ports, 'fetch' | 'match' | 'hooks' | 'stopping' | 'aborting' | 'monotonicMs'>;

/** Slots that fall due within this time start together: waking for each cost a tenth more CPU. */
const START_STEP_MS = 10;

/** Gives a check that is due its place, or skips its slot. */
type Place = (lease: Lease, check: Observable<Settled>) => Observable<Settled>;

/**
 * Runs one leased slot when it falls due: fetches, searches and judges, and confirms a `down` on a new
 * connection. Emits once and never errors.
 *
 * @param place by default every check has one
 */
export const checkSlot = (
  ports: CheckPorts,
  settings: CheckSettings,
  place: Place = (_lease, check) => check,
) => {
  const check = runSlot(ports, settings);
  const run = (lease: Lease) => place(lease, check(lease));
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
    // A target that is already down needs no confirmation: `down` is no transition.
    const attemptsMax = lease.isDown ? 1 : 1 + settings.confirm;
    const makeAttempt = (attemptsLeft: number): Observable<Settled> =>
      fenced(ports, lease, attemptsLeft, () => {
        const isFirst = attemptsLeft === attemptsMax;
        const announce = isFirst ? ports.hooks.started : ports.hooks.confirming;
        announce(lease);
        return attempt(ports, settings, lease, attemptsLeft, attemptsMax === 1 || !isFirst);
      });
    return confirmed(makeAttempt, attemptsMax);
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

/** Emits the result of the last attempt: of the first one that is not down, or of the last one allowed. */
const confirmed = (
  makeAttempt: (attemptsLeft: number) => Observable<Settled>,
  attemptsLeft: number,
): Observable<Settled> =>
  makeAttempt(attemptsLeft).pipe(
    switchMap(one =>
      attemptsLeft === 1 || !isDown(one)
        ? of(one)
        : confirmed(makeAttempt, attemptsLeft - 1).pipe(map(last => asConfirmationOf(one, last))),
    ),
  );

type Down = Check & { readonly verdict: { readonly outcome: 'down' } };

const isDown = (settled: Settled): settled is Down =>
  settled.kind === 'checked' && settled.verdict.outcome === 'down';

const asConfirmationOf = (first: Down, last: Settled): Settled =>
  last.kind === 'checked'
    ? {
        ...last,
        startedAtMs: first.startedAtMs,
        confirmations: { count: (last.confirmations?.count ?? 0) + 1, firstCause: first.verdict.cause },
      }
    : last;

/** Makes one attempt and judges it. */
const attempt = (
  ports: CheckPorts,
  rules: Rules,
  lease: Lease,
  attemptsLeft: number,
  onNewConnection: boolean,
): Observable<Settled> =>
  defer(() => {
    const startedMonotonicMs = ports.monotonicMs();
    const startedAtMs = startedMonotonicMs + lease.databaseClockOffsetMs;
    const deadlineMonotonicMs = startedMonotonicMs + lease.target.timeoutMs;
    const slackMs = slackOf(lease, startedMonotonicMs, attemptsLeft);
    return defer(() => ports.fetch(lease.target, deadlineMonotonicMs, onNewConnection, slackMs, lease)).pipe(
      takeUntil(ports.aborting),
      defaultIfEmpty<Answer, Answer>({ kind: 'aborted' }),
      catchError(error => of(brokenPromise(error, ports.monotonicMs() - startedMonotonicMs))),
      switchMap(
        (answer): Observable<Settled> =>
          answer.kind === 'aborted'
            ? of({ kind: 'returned', lease, reason: 'shutdown' })
            : search(ports, lease, attemptsLeft - 1, answer).pipe(
                map(match => judge({ lease, startedAtMs, answer, match }, rules)),
              ),
      ),
    );
  });

/**
 * How long an attempt may wait past its deadline, to make up for time in which this process was held up: as
 * much as the lease has to spare once each attempt left has its whole timeout.
 */
const slackOf = ({ target, attemptsEndMonotonicMs }: Lease, nowMs: number, attemptsLeft: number): number =>
  Math.max(
    0,
    Math.min(
      leaseSlackMs(target.timeoutMs),
      attemptsEndMonotonicMs - nowMs - attemptsLeft * target.timeoutMs,
    ),
  );

function search(
  ports: CheckPorts,
  lease: Lease,
  attemptsLeft: number,
  answer: Answer,
): Observable<Match | null> {
  const { pattern } = lease.target;
  if (pattern === null || answer.kind !== 'answered') return of(null);
  if (pattern.problem !== null) return of(knownProblem(pattern, pattern.problem));
  const slackMs = slackOf(lease, ports.monotonicMs(), attemptsLeft);
  return defer(() => ports.match(pattern.text, answer.body, slackMs)).pipe(
    catchError(() => of<Match>({ kind: 'not-run' })), // the matcher broke its promise never to reject
  );
}

/** The match of a pattern that was found unusable earlier and is not run any more. */
const knownProblem = ({ overruns }: Pattern, detail: string): Match => ({
  kind: overruns < OVERRUNS_MAX ? 'invalid' : 'set-aside',
  detail,
});

/** The answer in place of a fetch that broke its promise never to error: our fault, and the stream continues. */
const brokenPromise = (error: unknown, elapsedMs: number): Answer =>
  failed('internal_error', error instanceof Error ? error.name : 'unknown error', {
    phases: { ...NO_PHASES, totalUs: Math.round(elapsedMs * 1_000) },
  });
