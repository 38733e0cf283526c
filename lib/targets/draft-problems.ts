import { readColumn } from './columns.ts';
import type { Field, Option } from './field.ts';
import { FIELDS } from './fields.ts';
import type { TargetDraft } from './target-draft.ts';

/** How a field with several values is written for its flag, one text per value. */
const SEPARATORS: Readonly<Record<string, string>> = { headers: ': ', labels: '=' };

/**
 * Returns what is wrong with a draft that a program wrote: one sentence per field, without its value, which may be
 * a secret. The rules are those of the command line and of files.
 */
export const draftProblems = (draft: TargetDraft): readonly string[] =>
  Object.entries(draft).flatMap(([name, value]) => {
    if (name === 'url' || value === null || value === undefined) return [];
    const problem = problemOf(name, value);
    return problem === null ? [] : [`${name}: ${problem}`];
  });

function problemOf(name: string, value: unknown): string | null {
  if (!(name in FIELDS)) return 'is not a field of a draft';
  const field = FIELDS[name as keyof typeof FIELDS] as Field<unknown> & { readonly option?: Option<unknown> };
  return problemAsText(name, value, field.option) ?? problemAsColumns(value, field);
}

/** Flags have the strictest rules, but only a text is the same here and there. */
function problemAsText(name: string, value: unknown, option: Option<unknown> | undefined): string | null {
  if (option === undefined) return null;
  const separator = SEPARATORS[name];
  const said =
    separator === undefined
      ? value
      : Object.entries(Object(value)).map(([key, text]) => `${key}${separator}${text}`);
  if (typeof said !== 'string' && !Array.isArray(said)) return null;
  if (option.form === 'value' && Array.isArray(said)) return null;
  return option.rule.safeParse(said).error?.issues[0]?.message ?? null;
}

function problemAsColumns(value: unknown, field: Field<unknown>): string | null {
  const columns = columnsOrNull(value, field);
  if (columns === null || isEmpty(columns)) return 'does not have the type of the field';
  for (const [name, column] of Object.entries(columns)) {
    const read = column === null ? null : readColumn(name, column);
    if (read !== null && 'problem' in read) return read.problem.slice(name.length + 1);
  }
  return null;
}

function columnsOrNull(value: unknown, field: Field<unknown>): Readonly<Record<string, unknown>> | null {
  try {
    return field.toColumns(value);
  } catch {
    return null; // a method of the expected type is missing
  }
}

/** Of several columns, each value sets at least one; no value leaves a column undefined. */
const isEmpty = (columns: Readonly<Record<string, unknown>>): boolean => {
  const values = Object.values(columns);
  return values.includes(undefined) || (values.length > 1 && values.every(value => value === null));
};
