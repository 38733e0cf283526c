import { LRUCache } from 'lru-cache';
import { combineHooks } from '../../checking/combine-hooks.ts';
import type { Hooks } from '../../checking/ports.ts';
import type { Check, Skipped } from '../../domain/check/check.ts';
import type { Lease } from '../../domain/check/lease.ts';
import type { Log } from '../../log/create-log.ts';
import { countEachMinute } from '../count-each-minute.ts';

export interface LogHooksSettings {
  /** Days before its expiry from which on a certificate is warned of; 0 = never. Default 14 */
  readonly certificateWarningDays?: number;
  /** By default nothing is traced */
  readonly traceIdOf?: (lease: Lease) => string | undefined;
}

/** Logs what the pipeline does. */
export function createLogHooks(log: Log, settings: LogHooksSettings = {}): Hooks {
  const { certificateWarningDays = 14, traceIdOf = () => undefined } = settings;
  const warnOfExpiry = expiryWarner(log, certificateWarningDays);
  const warnOfFullLane = fullLaneWarner(log);
  return {
    ...combineHooks(),
    pass: ({ slotsMissed, missed = [] }) => {
      if (slotsMissed === 0) return;
      const [top] = missed.toSorted((one, other) => other.slots - one.slots);
      log.warn('slots were missed: recorded as gaps', {
        slots: slotsMissed,
        ...(top && { topCreator: top.createdBy ?? 'unknown', topCreatorSlots: top.slots }),
      });
    },
    settled: settled => {
      if (settled.kind === 'checked') log.check(settled, traceIdOf(settled.lease));
      if (settled.kind === 'skipped' && settled.reason === 'slow_lane_full')
        warnOfFullLane(settled.holdsMost);
    },
    recorded: ({ recorded, transitions, lostLeaseCount, rejectedCount }) => {
      for (const { check, to } of transitions) log.transition(check, to, traceIdOf(check.lease));
      for (const check of recorded) warnOfExpiry(check);
      if (lostLeaseCount > 0)
        log.warn('checks were dropped: their lease was lost', { checks: lostLeaseCount });
      if (rejectedCount > 0)
        log.warn('the database rejected some checks; recorded as unknown or as gaps', {
          checks: rejectedCount,
        });
    },
  };
}

/** Warns of slots that found no place in the slow lane, at most once a minute. */
function fullLaneWarner(log: Log) {
  const count = countEachMinute();
  return (holdsMost: Skipped['holdsMost']): void => {
    const slots = count();
    if (slots === 0) return;
    log.warn('the slow lane is full: slots become gaps', {
      slots,
      ...(holdsMost && {
        topCreator: holdsMost.createdBy ?? 'unknown',
        topCreatorPlaces: holdsMost.places,
        topHost: holdsMost.host,
        topHostPlaces: holdsMost.hostPlaces,
      }),
    });
  };
}

const DAY_MS = 86_400_000;
/** Targets whose last warning is remembered */
const WARNED_MAX = 10_000;

/** Warns of a certificate that expires soon, once a day for each target. */
function expiryWarner(log: Log, warningDays: number) {
  const warnedAtMs = new LRUCache<string, number>({ max: WARNED_MAX });
  return ({ certificate, startedAtMs, lease: { target } }: Check): void => {
    if (certificate === null || warningDays === 0) return;
    if (certificate.expiresAtMs - startedAtMs > warningDays * DAY_MS) return;
    if (startedAtMs < (warnedAtMs.get(target.id) ?? 0) + DAY_MS) return;
    warnedAtMs.set(target.id, startedAtMs);
    log.warn('a certificate expires soon', {
      targetId: target.id,
      url: target.url,
      host: certificate.host,
      expiresAt: new Date(certificate.expiresAtMs).toISOString(),
    });
  };
}
