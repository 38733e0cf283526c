import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

type Labels = Readonly<Record<string, string>>;

const PAGE_ROWS = 1_000;

export interface ListedTarget extends Record<string, unknown> {
  readonly id: string;
  readonly state: 'up' | 'down' | 'unknown' | 'disabled';
  /** Since when, as far as is known */
  readonly since: Date;
  readonly for_s: number;
  /** Of the last check; null without a recent one, and while no worker checks the target */
  readonly last_check_at: Date | null;
  readonly http_status: number | null;
  readonly total_us: number | null;
  readonly cause: string | null;
  /** No worker checks it */
  readonly is_overdue: boolean;
  readonly every_s: number;
  readonly method: string;
  readonly key: string | null;
  readonly name: string | null;
  readonly labels: Labels;
  /** Without query and fragment */
  readonly url: string;
  /** All columns of the view `targets`; ids are text */
  readonly row: Readonly<Record<string, unknown>>;
}

export interface ExportedTarget extends Record<string, unknown> {
  readonly id: string;
  /** Secrets included */
  readonly columns: Readonly<Record<string, unknown>>;
}

/** Which targets to read. */
export interface Wanted {
  /** Null selects any URL */
  readonly urlPart: string | null;
  /** Targets must have all of these */
  readonly labels: Labels;
}

/** Reads targets a page at a time, without possible secrets. */
export const listTargets = (database: Database, wanted: Wanted): AsyncGenerator<ListedTarget[]> =>
  pages(database, 'list-targets', wanted);

/** Reads the columns that people can set, a page at a time. */
export const exportTargets = (database: Database, wanted: Wanted): AsyncGenerator<ExportedTarget[]> =>
  pages(database, 'export-targets', wanted);

/** Sends one statement per page, so that a slow reader keeps no transaction open. */
async function* pages<Row extends { readonly id: string } & Record<string, unknown>>(
  database: Database,
  name: 'list-targets' | 'export-targets',
  { urlPart, labels }: Wanted,
): AsyncGenerator<Row[]> {
  const text = statement(name);
  for (let lastId = '0'; ; ) {
    const rows = await database.query<Row>(text, [lastId, urlPart, JSON.stringify(labels), PAGE_ROWS]);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE_ROWS) return;
    lastId = rows.at(-1)?.id ?? lastId;
  }
}
