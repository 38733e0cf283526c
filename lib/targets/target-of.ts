import type { Target } from '../domain/target/target.ts';
import type { Field } from './field.ts';
import { FIELDS } from './fields.ts';
import type { TargetDraft } from './target-draft.ts';

/** What a check reads of a target, beside what the service says: its id, timeout, and what it notes on patterns. */
type Checked = Omit<Target, 'id' | 'version' | 'url' | 'pattern' | 'timeoutMs'> & {
  readonly pattern: TargetDraft['pattern'];
};

const checked = Object.entries(FIELDS).filter(
  ([, { fromRow }]) => fromRow !== null,
) as unknown as readonly (readonly [
  keyof Checked,
  Field<unknown> & { readonly fromRow: NonNullable<Field<unknown>['fromRow']> },
])[];

/** The fields that a check reads, each as `read` has it. */
export const checkedFields = (
  read: (name: keyof Checked, field: (typeof checked)[number][1]) => unknown,
): Checked =>
  Object.fromEntries(checked.map(([name, field]) => [name, read(name, field)])) as unknown as Checked;

/**
 * The target that a draft describes, with the defaults that the database has. Its id is `0`.
 *
 * @param timeoutMs where the draft has none; default 10,000
 */
export function targetOf(url: string, draft: Partial<TargetDraft> = {}, timeoutMs = 10_000): Target {
  const { pattern, ...fields } = checkedFields((name, field) => draft[name] ?? field.default);
  return {
    id: '0',
    version: 1,
    url,
    ...fields,
    pattern: pattern && { ...pattern, overruns: 0, problem: null },
    timeoutMs: draft.timeoutMs ?? timeoutMs,
  };
}
