import type { Target } from '../../lib/domain/target.ts';

/** A target that any body satisfies, but for `overrides`. */
export const aTarget = (overrides: Partial<Target> = {}): Target => ({
  id: '7',
  url: 'https://example.org/',
  method: 'GET',
  headers: {},
  regexPattern: null,
  timeoutMs: 10_000,
  version: 1,
  ...overrides,
});
