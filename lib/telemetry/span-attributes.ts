import type { Attributes } from '@opentelemetry/api';
import type { Hop } from '../domain/check/answer.ts';
import type { Cause } from '../domain/check/cause.ts';
import { regexMatchOf, type Settled } from '../domain/check/check.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import type { Method } from '../domain/target/target.ts';

// Names follow OpenTelemetry's semantic conventions; others begin with `website_monitor.`.
// URLs are exported without user info, query and fragment. Headers and bodies are never exported.

export function checkAttributes(settled: Settled): Attributes {
  const { slot, target, batchId, epoch, scheduledAtMs } = settled.lease;
  const common: Attributes = {
    'url.full': cleanDetail(target.url),
    'http.request.method': target.method,
    'website_monitor.target.id': slot.targetId,
    'website_monitor.target.version': target.version,
    'website_monitor.slot': slot.scheduledAt,
    'website_monitor.batch.id': batchId,
    'website_monitor.batch.epoch': epoch,
  };
  if (settled.kind === 'returned') return { ...common, 'website_monitor.given_back': settled.reason };
  if (settled.kind === 'skipped') return { ...common, 'website_monitor.skipped': settled.reason };
  const { verdict, httpStatus, startedAtMs, confirmations, bodyCut } = settled;
  return {
    ...common,
    ...(httpStatus !== null && { 'http.response.status_code': httpStatus }),
    'website_monitor.lag_ms': Math.round(startedAtMs - scheduledAtMs),
    'website_monitor.outcome': verdict.outcome,
    ...(verdict.outcome !== 'up' && {
      'error.type': verdict.cause,
      'website_monitor.detail': cleanDetail(verdict.detail),
    }),
    ...(regexMatchOf(settled) !== null && { 'website_monitor.regex_match': regexMatchOf(settled) === true }),
    ...(bodyCut && { 'website_monitor.body_cut': true }),
    ...(confirmations && {
      'website_monitor.rechecks': confirmations.count,
      'website_monitor.first_cause': confirmations.firstCause,
    }),
  };
}

/**
 * @param method null for a redirect, whose method may differ from the target's
 * @param failure why no response arrived; null if one did
 * @param resendCount earlier attempts of this check, all of them down
 */
export function hopAttributes(
  { url, address, httpStatus }: Hop,
  method: Method | null,
  failure: Cause | null,
  resendCount: number,
): Attributes {
  const { hostname, port, protocol } = new URL(url);
  const errorType = failure ?? (httpStatus !== null && httpStatus >= 400 ? `${httpStatus}` : null);
  return {
    'url.full': cleanDetail(url),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    ...(method && { 'http.request.method': method }),
    ...(address !== null && { 'network.peer.address': address }),
    ...(httpStatus !== null && { 'http.response.status_code': httpStatus }),
    ...(errorType !== null && { 'error.type': errorType }),
    ...(resendCount > 0 && { 'http.request.resend_count': resendCount }),
  };
}

const DATABASE: Attributes = { 'db.system.name': 'postgresql' };

export const leaseAttributes = (slots: number): Attributes => ({
  ...DATABASE,
  'db.operation.name': 'lease',
  'db.operation.batch.size': slots,
});

/** @param isRecorded false if the slot was given back, or another worker had taken over its lease */
export const recordAttributes = (slots: number, isRecorded: boolean): Attributes => ({
  ...DATABASE,
  'db.operation.name': 'record',
  'db.operation.batch.size': slots,
  'website_monitor.recorded': isRecorded,
});
