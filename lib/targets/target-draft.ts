import type { Field } from './field.ts';
import { FIELDS } from './fields.ts';

type Fields = typeof FIELDS;

/** The fields that can be said of a target beside its url. */
type DraftName = {
  [Name in keyof Fields]: Fields[Name] extends { option: unknown } | { options: unknown } ? Name : never;
}[keyof Fields];

/**
 * What somebody says of a target; null where nothing was said. Durations are in ms. What each field means is said in
 * the table of fields.
 */
export type TargetDraft = {
  readonly [Name in DraftName]: Fields[Name] extends Field<infer Value> ? Value | null : never;
};

/** The columns of `monitored_targets` of which a draft says something, as JSON gives them to PostgreSQL. */
export function columnsOf(url: string, draft: Partial<TargetDraft>): Readonly<Record<string, unknown>> {
  const columns: Record<string, unknown> = { url, method: FIELDS.method.default };
  for (const [name, value] of Object.entries(draft)) {
    if (value === null || value === undefined) continue;
    const { toColumns } = FIELDS[name as DraftName] as Field<unknown>;
    Object.assign(columns, toColumns(value));
  }
  return columns;
}
