import pg from 'pg';
import { statement } from '../sql/sql-file.ts';
import { findServer } from './connecting/find-server.ts';

/** The result of one statement, as PostgreSQL writes it. */
export interface SqlResult {
  readonly columns: readonly string[];
  /** In the order of the columns; null is SQL's */
  readonly rows: readonly (readonly (string | null)[])[];
  /** As in `INSERT` */
  readonly command: string;
  /** Rows returned or changed; null for a statement that counts none */
  readonly count: number | null;
}

/** Values stay the text that PostgreSQL sends. */
const AS_TEXT = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

/**
 * Runs statements that a person wrote, on a connection of their own and as one transaction.
 *
 * @param onNotice receives what the server remarks, as by RAISE NOTICE
 * @throws pg.DatabaseError if a statement fails
 */
export async function runSql(
  dsn: string,
  text: string,
  onNotice: (message: string) => void,
): Promise<readonly SqlResult[]> {
  const applicationName = 'website-monitor sql';
  const { config } = await findServer(dsn, { applicationName, connectTimeoutMs: 5_000 });
  const client = new pg.Client({ ...config, application_name: applicationName });
  client.on('error', () => {}); // a cut also fails the statement under way
  client.on('notice', ({ message = '' }) => onNotice(message));
  await client.connect();
  try {
    await client.query(statement('search-path'));
    const results: unknown = await client.query({ text, rowMode: 'array', types: AS_TEXT });
    return ([results].flat() as pg.QueryArrayResult<(string | null)[]>[]).map(
      ({ fields, rows, command, rowCount }) => ({
        columns: fields.map(({ name }) => name),
        rows,
        command,
        count: rowCount,
      }),
    );
  } finally {
    await client.end();
  }
}

/** Where a statement is wrong, for its author; null if the trouble lies elsewhere. */
export function sqlMistake(
  error: unknown,
  text: string,
): { readonly message: string; readonly line: number | null; readonly hint: string | null } | null {
  if (!(error instanceof pg.DatabaseError) || error.severity !== 'ERROR') return null;
  const { message, code, position, hint } = error;
  const before = position === undefined ? null : [...text].slice(0, Number(position) - 1);
  return {
    message: `${message} (${code})`,
    line: before && before.filter(character => character === '\n').length + 1,
    hint: hint ?? null,
  };
}
