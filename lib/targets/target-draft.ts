import type { Field } from './field.ts';
import { FIELDS } from './fields.ts';

type Fields = typeof FIELDS;

/** The fields that flags can set. */
type DraftName = {
  [Name in keyof Fields]: Fields[Name] extends { option: unknown } | { options: unknown } ? Name : never;
}[keyof Fields];

/**
 * The fields given for a target; null or left out if not given. Durations are in ms. docs/EMBEDDING.md lists them.
 */
export type TargetDraft = {
  readonly [Name in DraftName]?: Fields[Name] extends Field<infer Value> ? Value | null | undefined : never;
};

/** Values by column, as PostgreSQL reads them from JSON. */
export type Columns = Readonly<Record<string, unknown>> & { readonly url: string };

/** The columns that a draft sets, with values as PostgreSQL reads them from JSON. */
export function columnsOf(url: string, draft: TargetDraft): Columns {
  const columns: Record<string, unknown> & { url: string } = { url, method: FIELDS.method.default };
  for (const [name, value] of Object.entries(draft)) {
    if (value === null || value === undefined) continue;
    const { toColumns } = FIELDS[name as DraftName] as Field<unknown>;
    Object.assign(columns, toColumns(value));
  }
  return columns;
}
