import type { Pattern, Target } from '../../lib/domain/target/target.ts';
import type { TargetDraft } from '../../lib/domain/target/target-draft.ts';

/** A target that any body satisfies, but for `overrides`. */
export const aTarget = (overrides: Partial<Target> = {}): Target => ({
  id: '7',
  version: 1,
  url: 'https://example.org/',
  method: 'GET',
  headers: {},
  requestBody: null,
  credentials: null,
  acceptedStatuses: null,
  redirectsMax: 10,
  pattern: null,
  latencyMaxMs: null,
  ipFamily: null,
  verifiesTls: true,
  certificateValidityMinMs: null,
  timeoutMs: 10_000,
  ...overrides,
});

/** A pattern that a body must contain, but for `overrides`. */
export const aPattern = (text: string, overrides: Partial<Pattern> = {}): Pattern => ({
  text,
  mustMatch: true,
  overruns: 0,
  problem: null,
  ...overrides,
});

/** Of which nothing was said, but for `overrides`. */
export const aDraft = (overrides: Partial<TargetDraft> = {}): TargetDraft => ({
  everyMs: null,
  method: null,
  headers: null,
  requestBody: null,
  credentials: null,
  acceptedStatuses: null,
  redirectsMax: null,
  pattern: null,
  latencyMaxMs: null,
  ipFamily: null,
  verifiesTls: null,
  certificateValidityMinMs: null,
  timeoutMs: null,
  ...overrides,
});
