import type { Database } from '../database.ts';
import { statement } from '../sql-file.ts';

const PAGE_ROWS = 1_000;

export interface ListedTarget extends Record<string, unknown> {
  readonly id: string;
  readonly enabled: boolean;
  readonly down: boolean;
  readonly every_s: number;
  readonly method: string;
  /** Without query and fragment */
  readonly url: string;
  /** All columns of the view `targets`, as JSON */
  readonly row: string;
}

export interface ExportedTarget extends Record<string, unknown> {
  readonly id: string;
  /** Secrets included */
  readonly columns: Readonly<Record<string, unknown>>;
}

/** The targets, a page at a time, without what may be secret. */
export const listTargets = (database: Database, urlPart: string | null): AsyncGenerator<ListedTarget[]> =>
  pages(database, 'list-targets', urlPart);

/** What a user may set of each target, a page at a time. */
export const exportTargets = (database: Database, urlPart: string | null): AsyncGenerator<ExportedTarget[]> =>
  pages(database, 'export-targets', urlPart);

/** Each page by a statement of its own: whoever reads slowly holds nothing up. */
async function* pages<Row extends { readonly id: string } & Record<string, unknown>>(
  database: Database,
  name: 'list-targets' | 'export-targets',
  urlPart: string | null,
): AsyncGenerator<Row[]> {
  const text = statement(name);
  for (let lastId = '0'; ; ) {
    const rows = await database.query<Row>(text, [lastId, urlPart, PAGE_ROWS]);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE_ROWS) return;
    lastId = rows.at(-1)?.id ?? lastId;
  }
}
