import type { Check } from '../../lib/domain/check/check.ts';
import { aTarget } from './a-target.ts';

type Overrides = Partial<Omit<Check, 'lease'>> & { readonly url?: string; readonly scheduledAtMs?: number };

/** A check that was up, on time and over TLS, but for `overrides`. */
export const aCheck = ({
  url = 'https://example.org/',
  scheduledAtMs = 1_767_225_600_000,
  ...check
}: Overrides = {}): Check => ({
  kind: 'checked',
  lease: {
    slot: { targetId: '7', scheduledAt: '2026-01-01 00:00:00.123456+00' },
    target: aTarget({ url, version: 3 }),
    isDown: false,
    batchId: '9',
    epoch: 0,
    expiresAtMonotonicMs: 60_000,
    attemptsEndMonotonicMs: 55_000,
    databaseClockOffsetMs: 0,
    scheduledAtMs,
  },
  startedAtMs: scheduledAtMs + 2,
  confirmations: null,
  verdict: { outcome: 'up' },
  httpStatus: 200,
  match: null,
  bodyCut: false,
  phases: { dnsUs: 1_234, connectUs: 9_800, tlsUs: 20_400, ttfbUs: 12_000, transferUs: 100, totalUs: 43_534 },
  hops: [],
  certificate: null,
  ...check,
});
