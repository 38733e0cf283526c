import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

type Labels = Readonly<Record<string, string>>;

export interface StatusWanted {
  /** How far to look back */
  readonly lastMs: number;
  /** Per list */
  readonly rowsMax: number;
  /** Targets must have all of these */
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

interface Since {
  readonly since: string;
  readonly forS: number;
}

/** The JSON of `status`. */
export interface Status {
  readonly at: string;
  /** By how much the database's clock was set back, while targets wait until it has caught up; else null */
  readonly clockBehindS: number | null;
  readonly targets: {
    readonly up: number;
    /** Of those that are up */
    readonly slow: number;
    readonly down: number;
    readonly unknown: number;
    readonly disabled: number;
  };
  /** In the period; `missed` slots were never run */
  readonly slots: {
    readonly up: number;
    readonly down: number;
    readonly unknown: number;
    readonly missed: number;
  };
  readonly down: readonly (Named & Since & { readonly cause: string })[];
  readonly unknown: readonly (Named &
    Since & {
      /** Of its last check; null without a recent one */
      readonly cause: string | null;
      readonly lastCheckAt: string | null;
      /** No worker checks it */
      readonly isOverdue: boolean;
    })[];
  readonly slow: readonly (Named & Since & { readonly detail: string })[];
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
