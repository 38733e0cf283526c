import type { Observable } from 'rxjs';
import type { Answer } from '../domain/check/answer.ts';
import type { Check, Settled } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { Match } from '../domain/check/match.ts';
import type { Occupancy } from '../domain/occupancy.ts';
import type { Target } from '../domain/target/target.ts';

/** What a look for due work brought. */
export interface LeasePass {
  readonly leases: readonly Lease[];
  /** Due slots that nobody ran in time, recorded as gaps in the same transaction */
  readonly slotsMissed: number;
  /** Until the earliest next slot or lease expiry, by the database's clock; 0 = look again now */
  readonly nextDueInMs: number;
}

/** A target that was not down is down by this check, or one that was down is up. */
export interface Transition {
  readonly check: Check;
  readonly to: 'up' | 'down';
}

/** What became of a batch that was handed to `record`. */
export interface Recorded {
  /** What was handed over, and is no longer this worker's to keep */
  readonly settled: readonly Settled[];
  /** Those that this call, and no other, recorded: whatever acts on checks acts on these */
  readonly recorded: readonly Check[];
  /** Of these, the checks by which their targets turned down, or up again */
  readonly transitions: readonly Transition[];
  /** Checks whose lease another worker had taken over meanwhile */
  readonly lostLeaseCount: number;
  /** Checks that the database refused for their content */
  readonly rejectedCount: number;
}

/** The effects that the pipeline needs; `service.ts` wires the real ones, specs their own. */
export interface Ports {
  /** Targets have changed, LISTEN is up (again), or the slow safety pass found due work. */
  readonly wakeUps: Observable<unknown>;

  /** Leases at most `leasesMax` due slots. Emits once; retries its own troubles and never errors. */
  readonly lease: (leasesMax: number) => Observable<LeasePass>;

  /**
   * Fetches once; where `dialsAnew`, over no connection that was kept, so that what it finds may stand. Never errors:
   * every trouble is a `failed` answer. Unsubscribing aborts.
   */
  readonly fetch: (target: Target, deadlineMonotonicMs: number, dialsAnew?: boolean) => Observable<Answer>;

  /** Searches `body` for an RE2 pattern, for a bounded time, without holding up anything else. Never rejects. */
  readonly match: (pattern: string, body: string) => Promise<Match>;

  /** Saves checks and gives back what was not run. Emits once; retried until done, never errors. */
  readonly record: (settled: readonly Settled[]) => Observable<Recorded>;

  /** What happens, told for metrics and logs. */
  readonly hooks: Hooks;

  /** Emits to end, to late subscribers too: no new leases from then on; what runs is finished and recorded. */
  readonly stopping: Observable<unknown>;

  /** Emits to end sooner, to late subscribers too: fetches are aborted, and their slots given back. */
  readonly aborting: Observable<unknown>;

  /** `performance.now()`: durations and deadlines never come from a wall clock. */
  readonly monotonicMs: () => number;
}

/**
 * What a header's or credential's text stands for: itself, unless it is a reference, the whole of it:
 * `${env:WEBSITE_MONITOR_SECRET_…}` or `${file:…}`. Must return at once and must not throw.
 */
export type Secrets = (text: string) =>
  | { readonly kind: 'known'; readonly text: string }
  /** Says which secret is missing, and never what it holds */
  | { readonly kind: 'missing'; readonly detail: string };

/** Each must return at once and must not throw. */
export interface Hooks {
  readonly occupancy: (now: Occupancy) => void;
  readonly pass: (pass: LeasePass) => void;
  /** Its fetch is about to begin */
  readonly started: (lease: Lease) => void;
  /** It was down, and is about to be fetched again before its target is called down */
  readonly confirming: (lease: Lease) => void;
  readonly settled: (settled: Settled) => void;
  readonly recorded: (report: Recorded) => void;
}
