import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { search } from '../../matching/search.ts';
import type { Database } from '../../postgres/database.ts';
import { importTargets } from '../../postgres/targets/import-targets.ts';
import { isJsonFile } from '../../targets/file-format.ts';
import { type Entry, openFile, readCsv, readJson } from '../../targets/read-file.ts';
import { checkNames, type Given, type GivenTarget, readTarget } from '../../targets/read-target.ts';
import { countText } from '../text-tables.ts';
import { withDatabaseMade } from '../with-database.ts';
import type { Run, Work } from '../work.ts';

/** Targets per transaction, which holds its locks for some tenths of a second. */
const BATCH_TARGETS = 1_000;
const FOREIGN = 'note: the file is not UTF-8; it is read as Windows-1252';
/** Problems shown; the rest are only counted */
const PROBLEMS_TOLD_MAX = 100;

/** Adds and changes the targets in a file, a batch at a time. Skips invalid ones and prints their lines. */
export const importFile: Run<'targets import'> = async work => {
  const { file, format } = work.config;
  const source = await openFile(file ?? '-');
  const entries = isJsonFile(file, format)
    ? readJson(source)
    : readCsv(source, checkNames, () => work.screen.tell(FOREIGN));
  return withDatabaseMade(work, async database => {
    const counts = await importEntries(database, entries, work, shareRead(source, file ?? '-'));
    const { added, changed, kept, refused } = counts;
    const total = [added, changed, kept, refused].map(countText);
    await work.screen.print(
      `${work.config.dryRun ? 'dry run: ' : ''}${total[0]} added, ${total[1]} changed, ${total[2]} kept, ${total[3]} refused\n`,
    );
    return refused === 0 ? 0 : 1;
  });
};

type Refused = Extract<Entry, { problem: string }>;

interface Counts {
  added: number;
  changed: number;
  kept: number;
  refused: number;
}

async function importEntries(
  database: Database,
  entries: AsyncIterable<Entry>,
  { config, screen }: Work<'targets import'>,
  share: () => string,
): Promise<Counts> {
  const counts: Counts = { added: 0, changed: 0, kept: 0, refused: 0 };
  const refuse = (line: number, reason: string): void => {
    counts.refused += 1;
    if (counts.refused <= PROBLEMS_TOLD_MAX) screen.tell(`line ${line}: ${reason}`);
    if (counts.refused === PROBLEMS_TOLD_MAX + 1) screen.tell('… more problems are counted but not shown');
  };
  for await (const batch of batches(entries)) {
    const targets = batch.flatMap(read => ('target' in read ? [read.target] : []));
    const settings = { addedBefore: counts.added, dryRun: config.dryRun };
    const imported = (await importTargets(database, targets, settings)).values();
    for (const read of batch) {
      const one = 'target' in read ? imported.next().value : null;
      if ('problem' in read) refuse(read.line, read.problem);
      else if (one?.change === 'refused') refuse(read.line, one.reason);
      else if (one) counts[one.change] += 1;
    }
    screen.progress(
      `${countText(counts.added + counts.changed + counts.kept + counts.refused)} targets${share()} …`,
    );
  }
  return counts;
}

/**
 * Groups the targets. Starts a new batch at a target that is in the batch already, so that the later one
 * changes the earlier, and at one that depends on a target of the batch. Invalid entries stay at their place, so that
 * problems are told in the order of the file.
 */
async function* batches(entries: AsyncIterable<Entry>): AsyncGenerator<readonly (Given | Refused)[]> {
  let batch: (Given | Refused)[] = [];
  let known = new Set<string>();
  for await (const entry of entries) {
    const read = 'problem' in entry ? entry : readTarget(entry, patternProblem);
    const isValid = 'target' in read;
    const names = isValid ? namesOf(read.target) : [];
    if (
      batch.length === BATCH_TARGETS ||
      (isValid && known.has(parentOf(read.target))) ||
      names.some(name => known.has(name))
    ) {
      yield batch;
      batch = [];
      known = new Set();
    }
    batch.push(read);
    for (const name of names) known.add(name);
  }
  if (batch.length > 0) yield batch;
}

const patternProblem = (pattern: string): string | null => {
  const match = search(pattern, '');
  return match.kind === 'invalid' ? match.detail : null;
};

/** What identifies a target: URL and method, and its key. */
const namesOf = ({ columns: { method, url, key } }: GivenTarget): string[] =>
  typeof key === 'string' ? [`${method} ${url}`, key] : [`${method} ${url}`];

const parentOf = ({ columns }: GivenTarget): string => String(columns.depends_on ?? '');

/** Returns a function that tells how much of the file has been read, if its size is known. */
function shareRead(source: Readable, file: string): () => string {
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
  return () =>
    size > 0 && 'bytesRead' in source ? `, ${Math.round((100 * Number(source.bytesRead)) / size)} %` : '';
}
