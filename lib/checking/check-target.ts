import { defer, map, NEVER, type Observable } from 'rxjs';
import type { Check } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { Target } from '../domain/target/target.ts';
import { type Optional, withDefaults } from '../domain/with-defaults.ts';
import { type CheckSettings, checkSlot } from './check-slot.ts';
import { combineHooks } from './combine-hooks.ts';
import { guardFetch } from './guards/guard-fetch.ts';
import { guardMatch } from './guards/guard-match.ts';
import { requireSettings } from './guards/require-settings.ts';
import type { Ports } from './ports.ts';

const DEFAULTS: CheckSettings = { raiseForStatus: true, confirm: 1 };

/**
 * Checks one target now, without a database: fetches, searches and judges, and confirms a `down` on a new
 * connection. Emits once. Aborts when unsubscribed.
 *
 * @param settings by default statuses from 400 are `down`, and a `down` is confirmed once
 * @throws RangeError if `confirm` is invalid
 */
export function checkTarget(
  ports: Pick<Ports, 'fetch' | 'match'>,
  settings: Optional<CheckSettings> = {},
): (target: Target) => Observable<Check> {
  const checkSettings = withDefaults(DEFAULTS, settings);
  requireSettings(checkSettings);
  const alone = {
    fetch: guardFetch(ports.fetch),
    match: guardMatch(ports.match),
    hooks: combineHooks(),
    stopping: NEVER,
    aborting: NEVER,
    monotonicMs: () => performance.now(),
  };
  const check = checkSlot(alone, checkSettings);
  return target =>
    defer(() => check(leaseOf(target))).pipe(
      map(settled => {
        if (settled.kind === 'checked') return settled;
        throw new Error(`the check ended without a verdict: ${settled.reason}`);
      }),
    );
}

/** A lease that is due now and never expires. Its database clock is this machine's own. */
function leaseOf(target: Target): Lease {
  const scheduledAtMs = Math.floor(performance.timeOrigin + performance.now());
  return {
    slot: { targetId: target.id, scheduledAt: new Date(scheduledAtMs).toISOString() },
    target,
    isDown: false,
    batchId: '0',
    epoch: 1,
    expiresAtMonotonicMs: Number.POSITIVE_INFINITY,
    attemptsEndMonotonicMs: Number.POSITIVE_INFINITY,
    databaseClockOffsetMs: performance.timeOrigin,
    scheduledAtMs,
  };
}
