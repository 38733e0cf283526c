import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';

/** One target as the file has it, or why it has none there. */
export type Entry =
  | { readonly line: number; readonly columns: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly problem: string };

/** The file as a whole cannot be read as what it should be. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** Bytes of one record: a body of 64 KiB, headers of 16 KiB, and quotes doubled. */
const RECORD_BYTES_MAX = 1_048_576;

/** @throws FileError, before anything else is done */
export async function openFile(file: string): Promise<Readable> {
  if (file === '-') return process.stdin;
  try {
    return (await open(file)).createReadStream();
  } catch (error) {
    throw new FileError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/**
 * CSV with a line of column names. An empty cell is null, and "" in quotes an empty text, as COPY has it.
 *
 * @param checkNames throws for names that will not do
 */
export async function* readCsv(
  file: Readable,
  checkNames: (names: readonly string[]) => void,
): AsyncGenerator<Entry> {
  const problems: Entry[] = [];
  const parser = parse({
    bom: true,
    columns: names => {
      checkNames(names);
      return names;
    },
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: RECORD_BYTES_MAX,
    cast: (text, { quoting }) => (text === '' && !quoting ? null : text),
    on_skip: error => {
      if (error) problems.push({ line: Number(error.lines ?? 0), problem: problemOf(error) });
      return undefined;
    },
  });
  file.on('error', error => parser.destroy(error));
  for await (const { record, info } of file.pipe(parser) as AsyncIterable<Parsed>) {
    yield* problems.splice(0);
    yield { line: info.lines, columns: record };
  }
  yield* problems;
}

interface Parsed {
  readonly record: Readonly<Record<string, unknown>>;
  readonly info: Info;
}

const problemOf = ({ code }: CsvError): string =>
  code === 'CSV_RECORD_INCONSISTENT_COLUMNS'
    ? 'has more or fewer cells than there are columns'
    : 'is no CSV: look at its quotes and commas';

/** An object a line, or one array of them, which is read whole; there a line is the number of the object. */
export async function* readJson(file: Readable): AsyncGenerator<Entry> {
  const array: string[] = [];
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    if (array.length > 0 || text.trimStart().startsWith('[')) array.push(text);
    else if (text.trim() !== '') yield entryOf(line, () => JSON.parse(text));
  }
  if (array.length > 0) yield* entriesOf(array.join('\n'));
}

async function* linesOf(file: Readable): AsyncGenerator<string> {
  const lines = createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  const failed = new Promise<never>((_resolve, reject) => file.once('error', reject));
  failed.catch(() => {}); // told below, unless nobody reads on
  const reading = lines[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await Promise.race([reading.next(), failed]);
    if (done) return;
    yield value.replace(/^\uFEFF/, '');
  }
}

function* entriesOf(text: string): Generator<Entry> {
  let array: unknown[];
  try {
    array = JSON.parse(text);
  } catch {
    throw new FileError('the file begins as a JSON array, and is none');
  }
  yield* array.map((element, index) => entryOf(index + 1, () => element));
}

function entryOf(line: number, read: () => unknown): Entry {
  try {
    const columns = read();
    if (typeof columns === 'object' && columns !== null && !Array.isArray(columns))
      return { line, columns: columns as Record<string, unknown> };
  } catch {
    // told like what is JSON, but no object
  }
  return { line, problem: 'is no JSON object' };
}
