import type { Compound, Field, Option } from './field.ts';
import { FIELDS } from './fields.ts';
import type { TargetDraft } from './target-draft.ts';

type Fields = typeof FIELDS;
type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

type OptionsOf<Name extends keyof Fields> = Fields[Name] extends { option: Option<infer Value> }
  ? { readonly [Key in Name]: Option<Value> }
  : Fields[Name] extends { options: infer Options }
    ? Options
    : never;

type Options = Intersection<{ [Name in keyof Fields]: OptionsOf<Name> }[keyof Fields]>;

/** The values of the target flags on the command line; null if a flag is not given. */
export type TargetOptions = {
  readonly [Key in keyof Options]: Options[Key] extends Option<infer Value> ? Value | null : never;
};

export type OptionKey = keyof TargetOptions;

type AnyField = Field<never> &
  Partial<Pick<Compound<unknown, never>, 'fromOptions'>> & {
    readonly option?: Option<unknown>;
    readonly options?: Readonly<Record<string, Option<unknown>>>;
  };

const fields = Object.entries(FIELDS) as unknown as readonly (readonly [string, AnyField])[];

/** Every flag that describes a target, in the order of the table. */
export const OPTIONS = Object.fromEntries(
  fields.flatMap(([name, { option, options = {} }]) => Object.entries(option ? { [name]: option } : options)),
) as Options;

/** The flags of the fields that a check reads. */
export const CHECK_OPTIONS = fields.flatMap(([name, { use, option, options = {} }]) =>
  use === 'check' ? Object.keys(option ? { [name]: option } : options) : [],
) as OptionKey[];

/** Turns the flags into fields. */
export const draftOf = (said: TargetOptions): TargetDraft =>
  Object.fromEntries(
    fields.flatMap(([name, { option, fromOptions }]) => {
      if (option) return [[name, said[name as OptionKey]]];
      return fromOptions ? [[name, fromOptions(said as never)]] : [];
    }),
  ) as unknown as TargetDraft;
