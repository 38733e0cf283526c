import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** A silence to be added. Times are texts for the database, which knows the rules of time zones. */
export interface NewSilence {
  readonly name: string;
  /** A maintenance, which status pages show */
  readonly isAnnounced: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
  readonly everything: boolean;
  /** Local in the time zone, unless it ends in Z or an offset; null means now */
  readonly from: string | null;
  /** Likewise; null means until it is ended */
  readonly until: string | null;
  /** An interval, as in `2 h` */
  readonly lasting: string | null;
  readonly weekdays: readonly number[] | null;
  readonly monthDays: readonly number[] | null;
  /** As in `02:00` */
  readonly at: string | null;
  readonly timeZone: string;
}

/** A silence as it is now. */
export interface ListedSilence extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
  readonly everything: boolean;
  readonly weekdays: readonly number[] | null;
  readonly monthDays: readonly number[] | null;
  readonly startTime: string | null;
  readonly duration: string | null;
  /** Null if it does not recur */
  readonly timeZone: string | null;
  readonly isOn: boolean;
  /** When that is over; null if somebody has to end it */
  readonly until: Date | null;
  /** When it starts again; null if it does not */
  readonly next: Date | null;
  readonly nextUntil: Date | null;
}

export interface Added {
  readonly silence: ListedSilence;
  /** How many targets it covers now */
  readonly targets: number;
}

export async function addSilence(database: Database, silence: NewSilence): Promise<Added> {
  const { name, isAnnounced, labels, keys, everything, from, until, lasting } = silence;
  const recurring = [silence.weekdays, silence.monthDays, silence.at, silence.timeZone];
  const values = [name, isAnnounced, JSON.stringify(labels), keys, everything, from, until, lasting];
  const [added] = await database.query<{ id: string; targets: number }>(statement('add-silence'), [
    ...values,
    ...recurring,
  ]);
  const [listed] = await database.query<ListedSilence>(statement('list-silences'), [isAnnounced, added?.id]);
  return { silence: listed as ListedSilence, targets: added?.targets ?? 0 };
}

/** Reads what is on or comes again. */
export const listSilences = (database: Database, isAnnounced: boolean): Promise<ListedSilence[]> =>
  database.query<ListedSilence>(statement('list-silences'), [isAnnounced, null]);

/** Ends those with these ids or names that are not over. @returns which */
export const endSilences = (
  database: Database,
  names: readonly string[],
  isAnnounced: boolean,
): Promise<{ id: string; name: string }[]> => database.query(statement('end-silences'), [names, isAnnounced]);
