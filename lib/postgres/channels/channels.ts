import type { Channel, ChannelKind } from '../../alerting/channel.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database, Query } from '../database.ts';

/** What is said of a channel; null where nothing is. */
export interface ChannelDraft {
  readonly url: string | null;
  readonly secrets: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly delayMs: number | null;
  readonly reminderMs: number | 'none' | null;
  readonly sendsResolved: boolean | null;
  readonly timeZone: string | null;
}

/** A channel as it is now, without its secrets, but with its URL, which may be one. */
export interface ListedChannel extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly kind: ChannelKind;
  /** How many */
  readonly secrets: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly delayMs: number;
  readonly reminderMs: number | null;
  readonly sendsResolved: boolean;
  readonly timeZone: string;
  readonly enabled: boolean;
  /** `unused`: nothing was sent there yet */
  readonly state: 'ok' | 'unused' | 'failing' | 'disabled';
  /** Why it fails, or why the service disabled it; else null */
  readonly problem: string | null;
  readonly failingSince: Date | null;
  readonly failingS: number | null;
  readonly lastSentAt: Date | null;
  readonly lastSentS: number | null;
  readonly nextAttemptAt: Date | null;
  readonly waiting: number;
  /** Dead letters: what was given up */
  readonly dead: number;
}

/** A message that was given up. */
export interface DeadLetter extends Record<string, unknown> {
  readonly givenUpAt: Date;
  readonly news: string;
  /** Null if the alert is no longer kept */
  readonly alertId: string | null;
  readonly title: string | null;
  readonly kind: string | null;
  readonly attempts: number;
  readonly problem: string | null;
}

type Change = 'added' | 'changed' | 'kept';

/** Adds a channel, or applies the draft to the one of that name and enables it. */
export const addChannel = async (
  database: Database,
  name: string,
  draft: ChannelDraft,
  timeZone: string,
): Promise<Change> =>
  database.transaction(async query => {
    await query(statement('advisory-lock'), ['add channels']);
    const columns = { ...columnsOf(draft), enabled: true };
    return (await put(query, name, columns, { time_zone: timeZone })) as Change;
  });

/** @returns null if there is no channel of that name */
export const editChannel = (database: Database, name: string, draft: ChannelDraft): Promise<Change | null> =>
  put(database.query, name, columnsOf(draft), null);

type Columns = Readonly<Record<string, unknown>>;

/** @param columnsOfNew null: none is added */
export async function put(
  query: Query,
  name: string,
  columns: Columns,
  columnsOfNew: Columns | null,
): Promise<Change | null> {
  const values = [name, JSON.stringify(columns), columnsOfNew && JSON.stringify(columnsOfNew)];
  const [row] = await query<{ change: Change }>(statement('put-channel'), values);
  return row?.change ?? null;
}

const columnsOf = ({ reminderMs, delayMs, sendsResolved, timeZone, ...same }: ChannelDraft): Columns => {
  const said = {
    ...same,
    delay: delayMs === null ? null : `${delayMs} ms`,
    sends_resolved: sendsResolved,
    time_zone: timeZone,
  };
  return {
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)),
    ...(reminderMs !== null && { reminder: reminderMs === 'none' ? null : `${reminderMs} ms` }),
  };
};

export const listChannels = (database: Database, name: string | null = null): Promise<ListedChannel[]> =>
  database.query<ListedChannel>(statement('list-channels'), [name]);

export const listDeadLetters = (
  database: Database,
  channelId: string,
  rowsMax: number,
): Promise<DeadLetter[]> => database.query<DeadLetter>(statement('list-dead-letters'), [channelId, rowsMax]);

export interface EditedChannel extends Record<string, unknown> {
  readonly name: string;
  readonly changed: boolean;
}

export const switchChannels = (
  database: Database,
  names: readonly string[],
  enabled: boolean,
): Promise<EditedChannel[]> => database.query<EditedChannel>(statement('switch-channels'), [names, enabled]);

export const removeChannels = (database: Database, names: readonly string[]): Promise<EditedChannel[]> =>
  database.query<EditedChannel>(statement('remove-channels'), [names]);

/** Sends dead letters again. */
export const resendDeliveries = (
  database: Database,
  names: readonly string[],
): Promise<{ name: string; resent: number }[]> => database.query(statement('resend-deliveries'), [names]);

/** A channel as it is sent to: with its secrets. */
export type ChannelToSendTo = Channel & { readonly timeZone: string };

/** @param names null: all that are enabled */
export const channelsToSendTo = (
  database: Database,
  names: readonly string[] | null,
): Promise<ChannelToSendTo[]> =>
  database.query<ChannelToSendTo & Record<string, unknown>>(statement('channels-with-secrets'), [names]);
