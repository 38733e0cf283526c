import type { Hold } from '../../alerting/alert.ts';
import type { AlertKind, Ending, News } from '../../alerting/message.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** An alert as it is now. */
export interface ListedAlert extends Record<string, unknown> {
  readonly id: string;
  readonly kind: AlertKind;
  readonly state: 'pending' | 'held' | 'open' | 'recovering' | 'closed';
  readonly heldBy: Hold | null;
  /** Null for a trouble of our own */
  readonly targetId: string | null;
  readonly key: string | null;
  readonly name: string | null;
  readonly url: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly subject: string | null;
  readonly cause: string;
  readonly detail: string | null;
  readonly since: Date;
  readonly until: Date | null;
  readonly forS: number;
  /** In a row */
  readonly incidents: number;
  /** Null if it was never sent */
  readonly openedAt: Date | null;
  readonly closedAt: Date | null;
  readonly ending: Ending | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
}

/** What was to be sent of an alert to one channel. Times are as PostgreSQL writes them in JSON. */
export interface ListedDelivery {
  readonly channel: string;
  readonly news: News;
  readonly state: 'waiting' | 'sent' | 'dead' | 'dropped';
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly attempts: number;
  readonly problem: string | null;
}

export interface ShownAlert extends ListedAlert {
  /** The incidents that it spans */
  readonly spanned: readonly {
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly cause: string;
    readonly detail: string;
  }[];
  readonly deliveries: readonly ListedDelivery[];
}

/** @param isClosedToo also those that are over */
export const listAlerts = (
  database: Database,
  isClosedToo: boolean,
  labels: Readonly<Record<string, string>>,
  rowsMax: number,
): Promise<ListedAlert[]> =>
  database.query<ListedAlert>(statement('list-alerts'), [isClosedToo, JSON.stringify(labels), rowsMax]);

/** @returns null if there is no such alert */
export async function showAlert(database: Database, id: string, rowsMax: number): Promise<ShownAlert | null> {
  const [alert] = await database.query<ShownAlert>(statement('show-alert'), [id, rowsMax]);
  return alert ?? null;
}

export interface Acknowledged extends Pick<ListedAlert, 'id' | 'state' | 'kind'> {
  readonly title: string;
  /** Who had done so before; null: nobody */
  readonly acknowledgedBy: string | null;
  readonly changed: boolean;
}

/** @param by null: the database's user */
export const acknowledgeAlerts = (
  database: Database,
  ids: readonly string[],
  by: string | null,
): Promise<Acknowledged[]> =>
  database.query<Acknowledged & Record<string, unknown>>(statement('acknowledge-alerts'), [ids, by]);
