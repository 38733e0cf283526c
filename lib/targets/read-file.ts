import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { decodeLines } from '../files/decode-lines.ts';

/** One target of the file, or the reason why it cannot be read. */
export type Entry =
  | { readonly line: number; readonly columns: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly problem: string };

/** The file as a whole cannot be read. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** Largest record in bytes: enough for a body of 64 KiB and headers of 16 KiB with doubled quotes. */
const RECORD_BYTES_MAX = 1_048_576;

/** Opens a file, or stdin for `-`. @throws FileError if that fails */
export async function openFile(file: string): Promise<Readable> {
  if (file === '-') return process.stdin;
  try {
    return (await open(file)).createReadStream();
  } catch (error) {
    throw new FileError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/**
 * Reads CSV whose first line names the columns. As with COPY, an empty cell is null and `""` is an empty
 * text.
 *
 * Cells are separated by commas, semicolons or tabs: the first line shows by which.
 *
 * @param checkNames throws if a name is invalid
 * @param onForeign called once if the file is neither UTF-8 nor UTF-16
 */
export async function* readCsv(
  file: Readable,
  checkNames: (names: readonly string[]) => void,
  onForeign: () => void = () => {},
): AsyncGenerator<Entry> {
  const problems: Entry[] = [];
  const lines = decodeLines(file, onForeign);
  const { value: first = '' } = await lines.next();
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(first),
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
  const text = Readable.from(joined(first, lines));
  text.on('error', error => parser.destroy(error));
  for await (const { record, info } of text.pipe(parser) as AsyncIterable<Parsed>) {
    yield* problems.splice(0);
    yield { line: info.lines, columns: record };
  }
  yield* problems;
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

const DELIMITERS = [',', ';', '\t'] as const;

/** The separator that is most frequent in the first line; names of columns contain none. */
function delimiterOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const count = (delimiter: string): number => line.split(delimiter).length;
  return DELIMITERS.reduce((most, delimiter) => (count(delimiter) > count(most) ? delimiter : most));
}

interface Parsed {
  readonly record: Readonly<Record<string, unknown>>;
  readonly info: Info;
}

const problemOf = ({ code }: CsvError): string =>
  code === 'CSV_RECORD_INCONSISTENT_COLUMNS'
    ? 'does not have one cell per column'
    : 'invalid CSV: check the quotes and separators';

/**
 * Reads JSON: one object per line, or one array of objects. An array is read into memory whole, and `line` is
 * the position of the object in it.
 */
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
  const lines = createInterface({
    input: Readable.from(decodeLines(file, () => {})),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const failed = new Promise<never>((_resolve, reject) => file.once('error', reject));
  failed.catch(() => {}); // thrown below, unless the reader has stopped
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
    throw new FileError('the file starts like a JSON array but is not valid JSON');
  }
  yield* array.map((element, index) => entryOf(index + 1, () => element));
}

function entryOf(line: number, read: () => unknown): Entry {
  try {
    const columns = read();
    if (typeof columns === 'object' && columns !== null && !Array.isArray(columns))
      return { line, columns: columns as Record<string, unknown> };
  } catch {
    // reported like JSON that is not an object
  }
  return { line, problem: 'not a JSON object' };
}
