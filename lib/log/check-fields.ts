import type { Hop } from '../domain/check/answer.ts';
import { type Check, regexMatchOf } from '../domain/check/check.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import { redactUrl } from '../domain/redact.ts';

/** A check as flat fields, for machine-readable logs. */
export const checkFields = (check: Check) => {
  const { lease, verdict, confirmations, httpStatus, bodyCut, phases, certificate } = check;
  return {
    targetId: lease.slot.targetId,
    scheduledAt: lease.slot.scheduledAt,
    url: cleanDetail(lease.target.url),
    outcome: verdict.outcome,
    ...(verdict.outcome === 'up' ? {} : { cause: verdict.cause, detail: verdict.detail }),
    httpStatus,
    regexMatch: regexMatchOf(check),
    bodyCut,
    totalUs: phases.totalUs,
    ...(confirmations && { rechecks: confirmations.count, firstCause: confirmations.firstCause }),
    ...(certificate && { certificateExpiresAt: new Date(certificate.expiresAtMs).toISOString() }),
  };
};

/** How a check was run: its phases, its lag behind the slot, and its lease. */
export const traceFields = ({ lease, startedAtMs, phases, hops }: Check) => ({
  lagMs: Math.round(startedAtMs - lease.scheduledAtMs),
  dnsUs: phases.dnsUs,
  connectUs: phases.connectUs,
  tlsUs: phases.tlsUs,
  ttfbUs: phases.ttfbUs,
  transferUs: phases.transferUs,
  batchId: lease.batchId,
  epoch: lease.epoch,
  targetVersion: lease.target.version,
  ...(hops.length > 1 && { hops: hops.map(hopText).join(' → ') }),
});

/** Status, URL and duration of one hop, as in `302 https://example.org/ 12 ms`. */
const hopText = ({ httpStatus, url, phases }: Hop): string =>
  `${httpStatus ?? '-'} ${redactUrl(url)} ${Math.round(phases.totalUs / 1_000)} ms`;
