import type { Observable } from 'rxjs';
import type { Answer } from './domain/answer.ts';
import type { Check } from './domain/check.ts';
import type { Lease } from './domain/lease.ts';
import type { Match } from './domain/match.ts';
import type { Target } from './domain/target.ts';

/** What a look for due work brought. */
export interface LeasePass {
  readonly leases: readonly Lease[];
  /** Due slots that nobody ran in time, recorded as gaps in the same transaction */
  readonly slotsMissed: number;
  /** Until the earliest next slot or lease expiry, by the database's clock; 0 = look again now */
  readonly nextDueInMs: number;
}

/** The effects that the pipeline needs; `main.ts` wires the real ones, specs their own. */
export interface Ports {
  /** Targets have changed, LISTEN is up (again), or the slow safety pass found due work. */
  readonly wakeUps: Observable<unknown>;

  /** Leases at most `leasesMax` due slots. Retries its own troubles; errors never reach the pipeline. */
  readonly lease: (leasesMax: number) => Observable<LeasePass>;

  /** Fetches once. Never errors: every trouble is a `failed` answer. Unsubscribing aborts. */
  readonly fetch: (target: Target, deadlineMonotonicMs: number) => Observable<Answer>;

  /** Searches `body` for an RE2 pattern, elsewhere than on the event loop if it may take long. */
  readonly match: (pattern: string, body: string, deadlineMonotonicMs: number) => Promise<Match>;

  /** Saves and releases; retried until done. Emits the checks that this call, and no other, recorded. */
  readonly record: (checks: readonly Check[]) => Observable<readonly Check[]>;
}
