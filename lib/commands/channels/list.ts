import { shownChannelUrl } from '../../channels/address/shown-channel-url.ts';
import { cleanText } from '../../domain/clean-text.ts';
import { type ListedChannel, listChannels } from '../../postgres/channels/channels.ts';
import { countText, table } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { channelJson, labelsText, problemText, stateText } from './channel-text.ts';

const HEAD = ['name', 'state', 'waiting', 'dead', 'url', 'targets', 'problem'];
const CHARACTERS_MAX = 500;

/** Prints the channels as a table. */
export const list: Run<'channels list'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const channels = await listChannels(database);
    if (config.json)
      for (const channel of channels) await screen.print(`${JSON.stringify(channelJson(channel))}\n`);
    else if (channels.length > 0) await screen.print(table(HEAD, channels.map(cells)));
    if (channels.length === 0) screen.tell('no channels: add one with website-monitor channels add NAME URL');
    return 0;
  });

const cells = (channel: ListedChannel): readonly string[] => [
  channel.name,
  stateText(channel),
  countText(channel.waiting),
  countText(channel.dead),
  shownChannelUrl(channel.url),
  cleanText(labelsText(channel), CHARACTERS_MAX),
  problemText(channel),
];
