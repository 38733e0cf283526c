import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

type Labels = Readonly<Record<string, string>>;

export interface StatusWanted {
  /** How far to look back */
  readonly lastMs: number;
  /** Of each list */
  readonly rowsMax: number;
  /** Only targets with all of these */
  readonly withLabels: Labels;
}

interface Named {
  readonly id: string;
  readonly key: string | null;
  readonly name: string | null;
  readonly labels: Labels;
  readonly method: string;
  /** Without query and fragment */
  readonly url: string;
}

/** What `status` tells, as it stands in its JSON. */
export interface Status {
  readonly at: string;
  readonly targets: {
    readonly up: number;
    readonly down: number;
    readonly unknown: number;
    readonly disabled: number;
  };
  /** Of the time asked for; `missed` are those that nobody ran */
  readonly slots: {
    readonly up: number;
    readonly down: number;
    readonly unknown: number;
    readonly missed: number;
  };
  readonly down: readonly (Named & {
    readonly since: string;
    readonly forS: number;
    readonly cause: string;
  })[];
  /** Without a check for two intervals: `lastCheckAt` is null */
  readonly unknown: readonly (Named & {
    readonly lastCheckAt: string | null;
    readonly cause: string | null;
  })[];
  readonly slowest: readonly (Named & { readonly meanMs: number; readonly maxMs: number })[];
}

export async function readStatus(
  database: Database,
  { lastMs, rowsMax, withLabels }: StatusWanted,
): Promise<Status> {
  const [row] = await database.query<{ status: Status }>(statement('status'), [
    lastMs,
    rowsMax,
    JSON.stringify(withLabels),
  ]);
  if (!row) throw new Error('status.sql returned no row');
  return row.status;
}
