import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** Selects targets that match a name, if any is given, and have all of the labels. */
export interface Selected {
  /** Null selects by labels only */
  readonly names: {
    readonly ids: readonly string[];
    readonly keys: readonly string[];
    readonly urls: readonly string[];
  } | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Edited extends Record<string, unknown> {
  readonly id: string;
  readonly key: string | null;
  readonly name: string | null;
  readonly method: string;
  readonly url: string;
  /** False if nothing had to change */
  readonly changed: boolean;
}

const parameters = ({ names, labels }: Selected): unknown[] => [
  names?.ids ?? null,
  names?.keys ?? null,
  names?.urls ?? null,
  JSON.stringify(labels),
];

export const removeTargets = (database: Database, selected: Selected): Promise<Edited[]> =>
  database.query<Edited>(statement('remove-targets'), parameters(selected));

export const switchTargets = (database: Database, selected: Selected, enabled: boolean): Promise<Edited[]> =>
  database.query<Edited>(statement('switch-targets'), [...parameters(selected), enabled]);
