import type { z } from 'zod';
import type { Kind, SqlType } from './kinds.ts';

/**
 * Who reads a field. An edit of what checks or schedule read raises `version` and restarts the schedule; what is
 * for people raises only `revision`; the database's and the service's own columns cannot be set by people.
 */
export type Use = 'check' | 'schedule' | 'people' | 'service';

/** A column of `monitored_targets`, by whose name files know it, too. */
export interface Column {
  readonly type: SqlType;
  readonly meaning: string;
  /** Null: it never is null */
  readonly whenNull: string | null;
  /** Where nothing is said, as PostgreSQL reads it from JSON */
  readonly default: unknown;
  /** Never shown, and exported only where that is asked for */
  readonly isSecret: boolean;
  /** From the text of a file's cell to what PostgreSQL reads from JSON */
  readonly fileRule: z.ZodType<unknown, string>;
}

/** A flag of the command line by which a field is said. */
export interface Option<Value> {
  readonly flag: string;
  readonly rule: z.ZodType<Value, string> | z.ZodType<Value, string[]>;
  /** For people: what holds where it is not said */
  readonly default: string;
  readonly meaning: string;
  readonly form: Kind<Value>['form'];
}

/** A target as `target_as_json` builds it: what is null is left out. */
export type TargetRow = Readonly<Record<string, unknown>>;

/** One thing to be known of a target: mostly a column, and a flag. Credentials and patterns are several. */
export interface Field<Value> {
  readonly use: Use;
  readonly columns: Readonly<Record<string, Column>>;
  /** Where nothing is said */
  readonly default: Value | null;
  readonly toColumns: (value: Value) => Readonly<Record<string, unknown>>;
  /** Null: no leased row has it */
  readonly fromRow: ((row: TargetRow) => Value | null) | null;
}

interface About<Value> extends Pick<Column, 'meaning'> {
  readonly column: string;
  readonly kind: Kind<Value>;
  readonly whenNull?: string;
  readonly default?: NoInfer<Value>;
  readonly isSecret?: boolean;
  /** Its name in what `target_as_json` builds */
  readonly leasedAs?: string;
}

/** A field that is one column, and is not said on the command line. */
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
  /** Where the flag says less, or says it otherwise, than the column */
  readonly flagMeaning?: string;
}

/** A field that is one column and one flag. */
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
    default: whenNull !== '–' || about.default === undefined ? whenNull : String(kind.toJson(about.default)),
  };
  return { ...column(use, about), option };
}

/** A field of several columns and flags. */
export interface Compound<Value, Said> extends Field<Value> {
  readonly options: { readonly [Name in keyof Said]: Option<NonNullable<Said[Name]>> };
  readonly fromOptions: (said: Said) => Value | null;
}

/** What the database or the service keeps of a target, and people only read. */
export const kept = (name: string, type: SqlType, meaning: string, whenNull: string | null = null) =>
  column<never>('service', {
    column: name,
    kind: { type } as Kind<never>,
    meaning,
    ...(whenNull && { whenNull }),
  });
