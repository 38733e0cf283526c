import type { Pattern, Target } from '../../lib/domain/target/target.ts';
import { draftOf, OPTIONS, type TargetOptions } from '../../lib/targets/options.ts';
import type { TargetDraft } from '../../lib/targets/target-draft.ts';
import { targetOf } from '../../lib/targets/target-of.ts';

/** A target that any body satisfies, but for `overrides`. */
export const aTarget = (overrides: Partial<Target> = {}): Target => ({
  ...targetOf('https://example.org/'),
  id: '7',
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

const NOTHING_SAID = draftOf(
  Object.fromEntries(Object.keys(OPTIONS).map(key => [key, null])) as unknown as TargetOptions,
);

/** Of which nothing was said, but for `overrides`. */
export const aDraft = (overrides: TargetDraft = {}): TargetDraft => ({
  ...NOTHING_SAID,
  ...overrides,
});
