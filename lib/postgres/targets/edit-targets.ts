import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** Targets that are there: those of these names, if any are given, that have all of these labels. */
export interface Selected {
  /** Null: whatever the labels select */
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
  /** False: it was so already */
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
