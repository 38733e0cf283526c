import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { SqlSource } from '../config/parts.ts';
import { decodeText } from '../files/decode-text.ts';
import { runSql, type SqlResult, sqlMistake } from '../postgres/run-sql.ts';
import { openFile } from '../targets/read-file.ts';
import { table } from './text-tables.ts';
import { withDatabase } from './with-database.ts';
import type { Run } from './work.ts';

/** Runs SQL on the database of the service, and prints what it returns. */
export const sql: Run<'sql'> = async work => {
  const { config, screen } = work;
  const text = await textOf(config.source);
  if (text.trim() === '') {
    screen.tell(
      'website-monitor: there is no SQL to run: give it in quotes, by --file, or on standard input',
    );
    return 1;
  }
  return withDatabase(work, async (_database, dsn) => {
    try {
      for (const result of await runSql(dsn, text, message => screen.tell(`note: ${visible(message)}`)))
        await screen.print(resultText(result));
      return 0;
    } catch (error) {
      const mistake = sqlMistake(error, text);
      if (mistake === null) throw error;
      const { message, line, hint } = mistake;
      screen.tell(`website-monitor: ${visible(message)}${line === null ? '' : `, in line ${line}`}`);
      if (hint !== null) screen.tell(`hint: ${visible(hint)}`);
      return 1;
    }
  });
};

async function textOf(source: SqlSource): Promise<string> {
  if ('text' in source) return source.text;
  const input: Readable & { isTTY?: boolean } = await openFile(source.file);
  return input.isTTY ? '' : decodeText(await buffer(input)); // nobody would know what a terminal waits for
}

/** The rows as a table; without any, what was done. */
export const resultText = ({ columns, rows, command, count }: SqlResult): string => {
  if (columns.length === 0) return `${command}${count === null ? '' : ` ${count}`}\n`;
  const shown = table(
    columns.map(visible),
    rows.map(row => row.map(cell => visible(cell ?? ''))),
  );
  return `${shown}(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`;
};

/** Keeps a cell on its line, and a terminal as it is. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, character =>
    character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
