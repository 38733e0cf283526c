import type { Check } from '../domain/check.ts';
import { cleanDetail } from '../domain/clean-text.ts';

/** A check as flat fields, for logs that machines read. */
export const checkFields = ({ lease, verdict, httpStatus, regexMatch, bodyCut, phases }: Check) => ({
  targetId: lease.slot.targetId,
  scheduledAt: lease.slot.scheduledAt,
  url: cleanDetail(lease.target.url),
  outcome: verdict.outcome,
  ...(verdict.outcome === 'up' ? {} : { cause: verdict.cause, detail: verdict.detail }),
  httpStatus,
  regexMatch,
  bodyCut,
  totalUs: phases.totalUs,
});

/** How a check came about: its phases, its lag behind the slot, and the lease that it ran under. */
export const traceFields = ({ lease, startedAtMs, phases }: Check) => ({
  lagMs: Math.round(startedAtMs - lease.scheduledAtMs),
  dnsUs: phases.dnsUs,
  connectUs: phases.connectUs,
  tlsUs: phases.tlsUs,
  ttfbUs: phases.ttfbUs,
  transferUs: phases.transferUs,
  batchId: lease.batchId,
  epoch: lease.epoch,
  targetVersion: lease.target.version,
});
