import type { GivenTarget } from '../postgres/targets/import-targets.ts';
import { COLUMNS, KEPT, readColumn } from './columns.ts';
import { type Entry, FileError } from './read-file.ts';

/** A target of a file that can be put to the database. */
export interface Given {
  readonly line: number;
  readonly target: GivenTarget;
}

/** Reads one entry of a file by the rules of its columns. */
export function readTarget({
  line,
  columns: said,
}: Extract<Entry, { columns: unknown }>): Given | { readonly line: number; readonly problem: string } {
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
  const unknown = names.filter(name => !COLUMNS.includes(name));
  if (unknown.length === 0) return null;
  const shown = unknown.filter(name => /^[a-z_]{1,40}$/i.test(name));
  const which = shown.length > 0 ? `names ${shown.join(', ')}` : 'names what can be no column';
  return `${which}; columns are ${COLUMNS.join(', ')}`;
}
