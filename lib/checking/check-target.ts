import { defer, map, NEVER, type Observable } from 'rxjs';
import type { Check } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { Target } from '../domain/target/target.ts';
import { type CheckSettings, checkSlot } from './check-slot.ts';
import { combineHooks } from './combine-hooks.ts';
import type { Ports } from './ports.ts';

/**
 * Checks a target that no database knows, now: fetch, search, judge, and where that is down, at once
 * again on a new connection. Emits once and never errors; unsubscribing aborts.
 *
 * @param settings by default a status of 400 or more is down, and what is down is checked once more
 */
export const checkTarget =
  (ports: Pick<Ports, 'fetch' | 'match'>, settings: Partial<CheckSettings> = {}) =>
  (target: Target): Observable<Check> => {
    const told = {
      hooks: combineHooks(),
      stopping: NEVER,
      aborting: NEVER,
      monotonicMs: () => performance.now(),
    };
    const check = checkSlot({ ...ports, ...told }, { raiseForStatus: true, confirm: 1, ...settings });
    return defer(() => check(leaseOf(target))).pipe(
      map(settled => {
        if (settled.kind === 'checked') return settled;
        throw new Error(`the check ended without a verdict: ${settled.reason}`);
      }),
    );
  };

/** For ever, by nobody, due now, and dated by this machine's clock. */
function leaseOf(target: Target): Lease {
  const scheduledAtMs = Math.floor(performance.timeOrigin + performance.now());
  return {
    slot: { targetId: target.id, scheduledAt: new Date(scheduledAtMs).toISOString() },
    target,
    isDown: false,
    batchId: '0',
    epoch: 1,
    expiresAtMonotonicMs: Number.POSITIVE_INFINITY,
    databaseClockOffsetMs: performance.timeOrigin,
    scheduledAtMs,
  };
}
