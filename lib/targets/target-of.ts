import type { Target } from '../domain/target/target.ts';
import { draftProblems } from './draft-problems.ts';
import type { Field } from './field.ts';
import { FIELDS } from './fields.ts';
import type { TargetDraft } from './target-draft.ts';
import { websiteUrl } from './target-rules.ts';

/** The fields that a check reads, without those that the service fills in. */
type Checked = Omit<Target, 'id' | 'version' | 'url' | 'pattern' | 'timeoutMs' | 'createdBy'> & {
  readonly pattern: Exclude<TargetDraft['pattern'], undefined>;
};

const checked = Object.entries(FIELDS).filter(
  ([, { fromRow }]) => fromRow !== null,
) as unknown as readonly (readonly [
  keyof Checked,
  Field<unknown> & { readonly fromRow: NonNullable<Field<unknown>['fromRow']> },
])[];

/** Builds the fields that a check reads; `read` supplies each value. */
export const checkedFields = (
  read: (name: keyof Checked, field: (typeof checked)[number][1]) => unknown,
): Checked =>
  Object.fromEntries(checked.map(([name, field]) => [name, read(name, field)])) as unknown as Checked;

/**
 * Builds the target that a draft describes, with the database's defaults. Its id is `0`.
 *
 * @param timeoutMs for a draft without a timeout; default 10,000
 * @throws RangeError that names every invalid field
 */
export function targetOf(url: string, draft: TargetDraft = {}, timeoutMs = 10_000): Target {
  const problems = [
    ...(websiteUrl.safeParse(url).error?.issues ?? []).map(({ message }) => `url: ${message}`),
    ...draftProblems(draft),
  ];
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  const { pattern, ...fields } = checkedFields((name, field) => draft[name] ?? field.default);
  return {
    id: '0',
    version: 1,
    url,
    ...fields,
    pattern: pattern && { ...pattern, overruns: 0, problem: null },
    timeoutMs: draft.timeoutMs ?? timeoutMs,
    createdBy: null,
  };
}
