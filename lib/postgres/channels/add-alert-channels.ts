import type { ChannelKind } from '../../alerting/channel.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { type ListedChannel, put } from './channels.ts';

/** A channel that is to be there, whatever its name. */
export interface WantedChannel {
  readonly url: string;
  readonly kind: ChannelKind;
}

/** A channel with a wanted URL. */
export interface AlertChannel extends Pick<WantedChannel, 'url'> {
  readonly name: string;
  readonly change: 'added' | 'kept';
  readonly isEnabled: boolean;
}

/**
 * Adds a channel for each URL that no channel has. Its name is its kind, with a number if that is taken: `slack-2`.
 *
 * @param timeZone of new channels
 */
export const addAlertChannels = (
  database: Database,
  wanted: readonly WantedChannel[],
  timeZone: string,
): Promise<AlertChannel[]> =>
  database.transaction(async query => {
    await query(statement('advisory-lock'), ['add channels']);
    const known = await query<ListedChannel>(statement('list-channels'), [null]);
    const names = new Set(known.map(({ name }) => name));
    const channels: AlertChannel[] = [];
    for (const { url, kind } of wanted) {
      const present = known.find(channel => channel.url === url);
      const name = present?.name ?? freeName(kind, names);
      names.add(name);
      if (!present) await put(query, name, { url }, { time_zone: timeZone });
      channels.push({ name, url, change: present ? 'kept' : 'added', isEnabled: present?.enabled ?? true });
    }
    return channels;
  });

function freeName(kind: ChannelKind, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? kind : `${kind}-${number}`;
    if (!taken.has(name)) return name;
  }
}
