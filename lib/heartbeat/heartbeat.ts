import { exhaustMap, type Observable, of, switchMap, take, timer } from 'rxjs';

/** How a receiver answered one heartbeat. */
export type Sent =
  | { readonly kind: 'accepted' }
  /** The reason holds no part of the URL beyond its host */
  | { readonly kind: 'failed'; readonly reason: string };

export type Beat =
  | Sent
  /** Not sent, for this worker is not well */
  | { readonly kind: 'withheld'; readonly reason: string };

export interface HeartbeatParts {
  /** Emits with each lease pass */
  readonly passes: Observable<unknown>;
  /** Whether the last lease pass and the last recording succeeded, and if not, why */
  readonly ready: () => { readonly isWell: boolean; readonly reason: string };
  /** Says which work is overdue, or null if none is */
  readonly overdue: () => string | null;
  /** Sends one heartbeat per subscription. Emits once within a minute, never errors; unsubscribing aborts */
  readonly send: Observable<Sent>;
  /** Default 60,000: dead-man's switches count in minutes */
  readonly everyMs?: number;
}

/**
 * Tells a dead-man's switch elsewhere that this worker is alive: right after its first lease pass, then
 * every minute, but only while it is ready and nothing is overdue. Silence is the alarm.
 *
 * Never errors and never completes.
 */
export const heartbeat = (parts: HeartbeatParts): Observable<Beat> => {
  const { passes, ready, overdue, send, everyMs = 60_000 } = parts;
  const whyUnwell = (): string | null => {
    const { isWell, reason } = ready();
    return isWell ? overdue() : reason;
  };
  return passes.pipe(
    take(1),
    switchMap(() => timer(0, everyMs)),
    // A beat that is due while one is being sent is skipped: late beats must not queue up.
    exhaustMap((): Observable<Beat> => {
      const reason = whyUnwell();
      return reason === null ? send : of({ kind: 'withheld', reason });
    }),
  );
};
