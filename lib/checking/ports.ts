import type { Observable } from 'rxjs';
import type { Answer } from '../domain/check/answer.ts';
import type { Check, Settled } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { Match } from '../domain/check/match.ts';
import type { Change } from '../domain/check/skip-reason.ts';
import type { Occupancy } from '../domain/occupancy.ts';
import type { Target } from '../domain/target/target.ts';

/** Slots that no worker ran in time, of targets with one creator. */
export interface Missed {
  /** Null if unknown */
  readonly createdBy: string | null;
  /** Of the schedule, from 0 to 15: when too much is due, the shares take turns */
  readonly share: number;
  readonly slots: number;
}

/** The result of one look for due work. */
export interface LeasePass {
  readonly leases: readonly Lease[];
  /** Due slots that no worker ran in time; the same transaction recorded them as gaps */
  readonly slotsMissed: number;
  /** The same slots, by who made their targets, as far as that is known */
  readonly missed?: readonly Missed[];
  /** Milliseconds until the next slot or lease expiry, by the database's clock; 0 = more work is due now */
  readonly nextDueInMs: number;
}

/** A target went down, or came back up. */
export interface Transition {
  /** The check that caused it */
  readonly check: Check;
  readonly to: 'up' | 'down';
}

/** A target that was edited, disabled or deleted while its check runs. */
export interface ChangedTarget {
  readonly targetId: string;
  /** The version that runs */
  readonly version: number;
  readonly change: Change;
}

/** The result of recording one batch. */
export interface Recorded {
  /** The whole batch. This worker's leases on these slots have ended */
  readonly settled: readonly Settled[];
  /** The checks that this call inserted, and no other call: act on these only, and you act once */
  readonly recorded: readonly Check[];
  /** The transitions that `recorded` caused */
  readonly transitions: readonly Transition[];
  /** Checks dropped because another worker had taken over their lease */
  readonly lostLeaseCount: number;
  /** Checks that the database rejected for their content; recorded as `unknown` instead */
  readonly rejectedCount: number;
}

/** The effects that the pipeline needs. `lib/app` passes the real ones, specs pass their own. */
export interface Ports {
  /** Emits when targets have changed, when LISTEN has connected, and when polling finds due work. */
  readonly wakeUps: Observable<unknown>;

  /** Leases at most `leasesMax` due slots. Emits once. Retries its own failures and never errors. */
  readonly lease: (leasesMax: number) => Observable<LeasePass>;

  /**
   * Finds those of running checks whose targets have changed since they were leased. Emits at most once and
   * never errors. Without it, checks run to their end.
   */
  readonly findChanged?: ((running: readonly Lease[]) => Observable<readonly ChangedTarget[]>) | undefined;

  /**
   * Makes one attempt. Emits once and never errors: every failure is a `failed` answer. Aborts when
   * unsubscribed.
   *
   * @param deadlineMonotonicMs when to give up, on the clock of `monotonicMs`
   * @param onNewConnection never reuses a kept-alive connection, so a `down` is conclusive; default false
   * @param slackMs how long to wait past the deadline at most, to make up for time in which this process was
   *   held up; default 0
   * @param check the same object for all attempts of one check: together they may read only so much besides
   *   bodies. Default: an attempt of its own
   */
  readonly fetch: (
    target: Target,
    deadlineMonotonicMs: number,
    onNewConnection?: boolean,
    slackMs?: number,
    check?: object,
  ) => Observable<Answer>;

  /**
   * Searches `body` for an RE2 pattern within a time limit and off the event loop. Never rejects.
   *
   * @param slackMs how much longer to wait for a result at most, to make up for time in which this process was
   *   held up; default 0
   */
  readonly match: (pattern: string, body: string, slackMs?: number) => Promise<Match>;

  /** Records checks and gaps, and gives back returned slots. Emits once, retries until it succeeds, never errors. */
  readonly record: (settled: readonly Settled[]) => Observable<Recorded>;

  /** Report what happens to metrics and log. */
  readonly hooks: Hooks;

  /** Stops leasing; checks under way finish and are recorded. Replays to late subscribers. */
  readonly stopping: Observable<unknown>;

  /** Aborts fetches and gives their slots back. Replays to late subscribers. */
  readonly aborting: Observable<unknown>;

  /** `performance.now()`. Durations and deadlines never use a wall clock. */
  readonly monotonicMs: () => number;
}

/**
 * Resolves the text of a header or credential. A text that consists of one reference,
 * `${env:WEBSITE_MONITOR_SECRET_…}` or `${file:…}`, stands for that secret; any other stands for itself.
 * Synchronous, and never throws.
 */
export type Secrets = (text: string) =>
  | { readonly kind: 'known'; readonly text: string }
  /** `detail` names the missing secret and never quotes one */
  | { readonly kind: 'missing'; readonly detail: string };

/** Called synchronously as things happen. A hook must not block: checks wait for it. It must not throw either. */
export interface Hooks {
  /** The worker's load changed. */
  readonly occupancy: (now: Occupancy) => void;
  /** A lease pass returned. */
  readonly pass: (pass: LeasePass) => void;
  /** The first attempt of a slot is about to start. */
  readonly started: (lease: Lease) => void;
  /** The target looked down; another attempt is about to confirm it. */
  readonly confirming: (lease: Lease) => void;
  /** A slot was checked, skipped, or returned. It is not recorded yet. */
  readonly settled: (settled: Settled) => void;
  /** A batch was recorded. */
  readonly recorded: (report: Recorded) => void;
}
