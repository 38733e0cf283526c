import { nearest } from '../domain/nearest.ts';
import { COLUMNS, KEPT, readColumn } from './columns.ts';
import { type Entry, FileError } from './read-file.ts';
import type { Columns } from './target-draft.ts';

/** A target as a file describes it. */
export interface GivenTarget {
  /** Including the method */
  readonly columns: Columns;
  /** The URL as written; the one in `columns` is normalized */
  readonly givenUrl: string;
  /** Some column keeps its stored value, so the target must exist */
  readonly needsPresent: boolean;
}

/** A valid target and its line in the file. */
export interface Given {
  readonly line: number;
  readonly target: GivenTarget;
}

export type PatternProblem = (pattern: string) => string | null;

/**
 * Validates one entry of a file.
 *
 * @param patternProblem returns why a pattern is invalid, or null
 */
export function readTarget(
  { line, columns: said }: Extract<Entry, { columns: unknown }>,
  patternProblem: PatternProblem,
): Given | { readonly line: number; readonly problem: string } {
  const unknown = unknownColumns(Object.keys(said));
  if (unknown !== null) return { line, problem: unknown };
  if (typeof said.url !== 'string') return { line, problem: 'has no url' };

  const columns: Record<string, unknown> & { url: string } = { url: said.url, method: 'GET' };
  const problems: string[] = [];
  for (const [name, value] of Object.entries(said)) {
    if (value === KEPT) continue;
    const read = readColumn(name, value);
    if ('problem' in read) problems.push(read.problem);
    else columns[name] = read.value;
  }
  const { regex_pattern: pattern } = columns;
  const invalid = typeof pattern === 'string' ? patternProblem(pattern) : null;
  if (invalid !== null) problems.push(`regex_pattern must be a valid RE2 pattern: ${invalid}`);
  if (problems.length > 0) return { line, problem: problems.join('; ') };
  const needsPresent = Object.values(said).includes(KEPT);
  return { line, target: { columns, givenUrl: said.url, needsPresent } };
}

/**
 * Validates the column names in the first line of a file.
 *
 * @throws FileError
 */
export function checkNames(names: readonly string[]): void {
  const unknown = unknownColumns(names);
  if (unknown !== null) throw new FileError(`the first line ${unknown}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new FileError(`the first line has the column ${twice} twice`);
  if (!names.includes('url')) throw new FileError('the first line has no column url');
}

/**
 * Shows only what looks like a column name: if the file has no line of names, the first target is read as
 * one, and it may contain secrets.
 */
function unknownColumns(names: readonly string[]): string | null {
  const unknown = names.filter(name => !COLUMNS.has(name));
  if (unknown.length === 0) return null;
  const shown = unknown.filter(name => /^[a-z_]{1,40}$/i.test(name));
  const named = shown.map(name => {
    const meant = nearest(name, COLUMNS.keys());
    return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
  });
  const which = shown.length > 0 ? `has unknown columns: ${named.join(', ')}` : 'has no column names';
  return `${which}; the columns are ${[...COLUMNS.keys()].join(', ')}`;
}
