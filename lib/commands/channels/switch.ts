import {
  type EditedChannel,
  removeChannels,
  resendDeliveries,
  switchChannels,
} from '../../postgres/channels/channels.ts';
import type { Database } from '../../postgres/database.ts';
import { countText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { channelsNotFound } from './not-found.ts';

type Edit = (database: Database, names: readonly string[]) => Promise<EditedChannel[]>;

/** Edits the channels named, and prints each channel and each name not found. */
const edit =
  (doing: Edit, done: string): Run<'channels enable' | 'channels disable' | 'channels remove'> =>
  work =>
    withDatabase(work, async database => {
      const { names, json } = work.config;
      const edited = await doing(database, names);
      for (const { name, changed } of edited) {
        const change = changed ? done : 'kept';
        const text = json ? JSON.stringify({ change, name }) : `${change.padEnd(done.length)}  ${name}`;
        await work.screen.print(`${text}\n`);
      }
      const found = edited.map(({ name }) => name);
      return channelsNotFound(database, names, found, work.screen);
    });

export const enable = edit((database, names) => switchChannels(database, names, true), 'enabled');
export const disable = edit((database, names) => switchChannels(database, names, false), 'disabled');
export const remove = edit(removeChannels, 'removed');

/** Sends dead letters again, and prints how many. */
export const resend: Run<'channels resend'> = work =>
  withDatabase(work, async database => {
    const { names, json } = work.config;
    const resent = await resendDeliveries(database, names);
    for (const one of resent) {
      const text = json ? JSON.stringify(one) : `${one.name}  ${countText(one.resent)} to be sent again`;
      await work.screen.print(`${text}\n`);
    }
    const found = resent.map(({ name }) => name);
    return channelsNotFound(database, names, found, work.screen);
  });
