import type { Column, Field } from './field.ts';
import { FIELDS } from './fields.ts';

/** In a file, means "keep the value in the database". Replaces secrets on export. */
export const KEPT = '${kept}';

/** The columns that people can set, in the order of a file. */
export const COLUMNS: ReadonlyMap<string, Column> = new Map(
  (Object.values(FIELDS) as readonly Field<never>[])
    .filter(({ use }) => use !== 'service')
    .flatMap(({ columns }) => Object.entries(columns)),
);

/** The value of each column that a new target does not set. */
export const DEFAULTS = Object.fromEntries([...COLUMNS].map(([name, column]) => [name, column.default]));

/**
 * The value of a column, or a problem that completes "line 7: …" and never shows the value: it may be a
 * secret.
 */
export type Read = { readonly value: unknown } | { readonly problem: string };

/** @param said null, text, or any JSON value */
export function readColumn(name: string, said: unknown): Read {
  const column = COLUMNS.get(name);
  if (column === undefined) return { problem: `${name} is not a column` };
  if (said === null || said === undefined) return { value: column.default };
  const { data, error } = column.fileRule.safeParse(
    typeof said === 'object' ? JSON.stringify(said) : String(said),
  );
  return error ? { problem: `${name} ${error.issues[0]?.message}` } : { value: data };
}
