import { COLUMNS, KEPT, readColumn } from './columns.ts';
import { type Entry, FileError } from './read-file.ts';

/** What a file says of a target. */
export interface GivenTarget {
  /** By name, as JSON gives them to PostgreSQL, url and method among them */
  readonly columns: Readonly<Record<string, unknown>>;
  /** The url as it was given; that in `columns` is in its normal form */
  readonly givenUrl: string;
  /** Something of it is to stay as it is, so it must be there */
  readonly needsPresent: boolean;
}

/** A target of a file that can be put to the database. */
export interface Given {
  readonly line: number;
  readonly target: GivenTarget;
}

export type PatternProblem = (pattern: string) => string | null;

/**
 * Reads one entry of a file by the rules of its columns.
 *
 * @param patternProblem why a pattern cannot be searched for; null if it can
 */
export function readTarget(
  { line, columns: said }: Extract<Entry, { columns: unknown }>,
  patternProblem: PatternProblem,
): Given | { readonly line: number; readonly problem: string } {
  const unknown = unknownColumns(Object.keys(said));
  if (unknown !== null) return { line, problem: unknown };
  if (typeof said.url !== 'string') return { line, problem: 'has no url' };

  const columns: Record<string, unknown> = { method: 'GET' };
  const problems: string[] = [];
  for (const [name, value] of Object.entries(said)) {
    if (value === KEPT) continue;
    const read = readColumn(name, value);
    if ('problem' in read) problems.push(read.problem);
    else columns[name] = read.value;
  }
  const { regex_pattern: pattern } = columns;
  const invalid = typeof pattern === 'string' ? patternProblem(pattern) : null;
  if (invalid !== null) problems.push(`regex_pattern must be a pattern that RE2 takes: ${invalid}`);
  if (problems.length > 0) return { line, problem: problems.join('; ') };
  const needsPresent = Object.values(said).includes(KEPT);
  return { line, target: { columns, givenUrl: said.url, needsPresent } };
}

/**
 * For the first line of a file: where it is wrong, all the others are.
 *
 * @throws FileError
 */
export function checkNames(names: readonly string[]): void {
  const unknown = unknownColumns(names);
  if (unknown !== null) throw new FileError(`the first line ${unknown}`);
  if (!names.includes('url')) throw new FileError('the first line has no column url');
}

/** A name is shown only where it can be one: without a line of names, the first target is taken for it. */
function unknownColumns(names: readonly string[]): string | null {
  const unknown = names.filter(name => !COLUMNS.has(name));
  if (unknown.length === 0) return null;
  const shown = unknown.filter(name => /^[a-z_]{1,40}$/i.test(name));
  const which = shown.length > 0 ? `names ${shown.join(', ')}` : 'names what can be no column';
  return `${which}; columns are ${[...COLUMNS.keys()].join(', ')}`;
}
