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
      const { names } = work.config;
      const edited = await doing(database, names);
      for (const { name, changed } of edited)
        await work.screen.print(`${(changed ? done : 'kept').padEnd(done.length)}  ${name}\n`);
      const found = edited.map(({ name }) => name);
      return channelsNotFound(database, names, found, work.screen);
    });

export const enable = edit((database, names) => switchChannels(database, names, true), 'enabled');
export const disable = edit((database, names) => switchChannels(database, names, false), 'disabled');
export const remove = edit(removeChannels, 'removed');

/** Sends dead letters again, and prints how many. */
export const resend: Run<'channels resend'> = work =>
  withDatabase(work, async database => {
    const { names } = work.config;
    const resent = await resendDeliveries(database, names);
    for (const { name, resent: count } of resent)
      await work.screen.print(`${name}  ${countText(count)} to be sent again\n`);
    const found = resent.map(({ name }) => name);
    return channelsNotFound(database, names, found, work.screen);
  });
