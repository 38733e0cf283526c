import type { Column, Field } from './field.ts';
import { FIELDS } from './fields.ts';

/**
 * In a file this stands for whatever the database has: secrets are exported so, and leave what is there as
 * it is when they are imported.
 */
export const KEPT = '${kept}';

/** Those that people can set, in the order in which a file has them. */
export const COLUMNS: ReadonlyMap<string, Column> = new Map(
  (Object.values(FIELDS) as readonly Field<never>[])
    .filter(({ use }) => use !== 'service')
    .flatMap(({ columns }) => Object.entries(columns)),
);

/** What a new target has of each column that is not said. */
export const DEFAULTS = Object.fromEntries([...COLUMNS].map(([name, column]) => [name, column.default]));

/** What is wrong with a column, completing "line 7: …"; never its value, which may be a secret. */
export type Read = { readonly value: unknown } | { readonly problem: string };

/** @param said null, or text, or whatever stood in JSON */
export function readColumn(name: string, said: unknown): Read {
  const column = COLUMNS.get(name);
  if (column === undefined) return { problem: `${name} is no column` };
  if (said === null || said === undefined) return { value: column.default };
  const { data, error } = column.fileRule.safeParse(
    typeof said === 'object' ? JSON.stringify(said) : String(said),
  );
  return error ? { problem: `${name} ${error.issues[0]?.message}` } : { value: data };
}
