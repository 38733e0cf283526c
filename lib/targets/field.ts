import type { z } from 'zod';
import type { Kind, SqlType } from './kinds.ts';

/**
 * Who reads a field. Editing a `check` or `schedule` field raises `version` and restarts the schedule.
 * Editing a `people` field raises only `revision`. `service` fields are read-only for people.
 */
export type Use = 'check' | 'schedule' | 'people' | 'service';

/** A column of `monitored_targets`. Files use the same name. */
export interface Column {
  readonly type: SqlType;
  readonly meaning: string;
  /** What null means; null if the column is never null */
  readonly whenNull: string | null;
  /** As PostgreSQL reads it from JSON */
  readonly default: unknown;
  /** Never shown, and exported only on request */
  readonly isSecret: boolean;
  /** Parses the text in a file into what PostgreSQL reads from JSON */
  readonly fileRule: z.ZodType<unknown, string>;
}

/** A command-line flag that sets a field. */
export interface Option<Value> {
  readonly flag: string;
  readonly rule: z.ZodType<Value, string> | z.ZodType<Value, string[]>;
  /** For people */
  readonly default: string;
  readonly meaning: string;
  readonly form: Kind<Value>['form'];
}

/** A target as `target_as_json` builds it; nulls are left out. */
export type TargetRow = Readonly<Record<string, unknown>>;

/** One property of a target: usually one column and one flag; credentials and patterns have several. */
export interface Field<Value> {
  readonly use: Use;
  readonly columns: Readonly<Record<string, Column>>;
  readonly default: Value | null;
  readonly toColumns: (value: Value) => Readonly<Record<string, unknown>>;
  /** Null if leased rows do not include the field */
  readonly fromRow: ((row: TargetRow) => Value | null) | null;
}

interface About<Value> extends Pick<Column, 'meaning'> {
  readonly column: string;
  readonly kind: Kind<Value>;
  readonly whenNull?: string;
  readonly default?: NoInfer<Value>;
  readonly isSecret?: boolean;
  /** Its name in the result of `target_as_json` */
  readonly leasedAs?: string;
}

/** A field with one column and no flag. */
export function column<Value>(use: Use, about: About<Value>): Field<Value> {
  const { column: name, kind, meaning, whenNull = null, isSecret = false, leasedAs } = about;
  const whenUnset = about.default ?? null;
  return {
    use,
    default: whenUnset,
    columns: {
      [name]: {
        type: kind.type,
        meaning,
        whenNull,
        isSecret,
        default: whenUnset === null ? null : kind.toJson(whenUnset),
        fileRule: kind.fileRule,
      },
    },
    toColumns: value => ({ [name]: kind.toJson(value) }),
    fromRow:
      leasedAs === undefined
        ? null
        : row => (row[leasedAs] === undefined ? whenUnset : kind.fromJson(row[leasedAs])),
  };
}

interface AboutFlag<Value> extends About<Value> {
  readonly flag: string;
  /** Default: the column's meaning */
  readonly flagMeaning?: string;
}

/** A field with one column and one flag. */
export function field<Value>(
  use: Use,
  about: AboutFlag<Value>,
): Field<Value> & { readonly option: Option<Value> } {
  const { flag, kind, meaning, whenNull = '–', flagMeaning = meaning } = about;
  const option: Option<Value> = {
    flag,
    rule: kind.flagRule,
    form: kind.form,
    meaning: kind.unit === null ? flagMeaning : `${kind.unit}; ${flagMeaning}`,
    default: whenNull !== '–' || about.default === undefined ? whenNull : kind.toFlag(about.default),
  };
  return { ...column(use, about), option };
}

/** A field with several columns and flags. */
export interface Compound<Value, Said> extends Field<Value> {
  readonly options: { readonly [Name in keyof Said]: Option<NonNullable<Said[Name]>> };
  readonly fromOptions: (said: Said) => Value | null;
}

/** A field that the database or the service sets and people only read. */
export const kept = (name: string, type: SqlType, meaning: string, whenNull: string | null = null) =>
  column<never>('service', {
    column: name,
    kind: { type } as Kind<never>,
    meaning,
    ...(whenNull && { whenNull }),
  });
