import { text } from 'node:stream/consumers';
import { channelUrlProblem } from '../../channels/address/channel-url.ts';
import { shownChannelUrl } from '../../channels/address/shown-channel-url.ts';
import { FROM_INPUT } from '../../config/alert-options.ts';
import { localZone } from '../../domain/local-zone.ts';
import {
  addChannel,
  type ChannelDraft,
  editChannel,
  listChannels,
} from '../../postgres/channels/channels.ts';
import { openFile } from '../../targets/read-file.ts';
import { withDatabase, withDatabaseMade } from '../with-database.ts';
import type { Run } from '../work.ts';
import { channelsNotFound } from './not-found.ts';

/** Adds a channel, or updates the one of that name and enables it. */
export const add: Run<'channels add'> = async work => {
  const { config, screen } = work;
  const draft = await readInput(config.draft);
  return withDatabaseMade(work, async database => {
    const { name } = config;
    const change = await addChannel(database, name, draft, localZone());
    await screen.print(changeText(change, name, draft.url ?? '', config.json));
    for (const note of notes(draft)) screen.tell(`note: ${note}`);
    screen.tell(`to try it: website-monitor channels test ${name}`);
    return 0;
  });
};

/** Changes what is said of a channel, and nothing else. */
export const edit: Run<'channels edit'> = async work => {
  const { config, screen } = work;
  const draft = await readInput(config.draft);
  return withDatabase(work, async database => {
    const { name } = config;
    const change = await editChannel(database, name, draft);
    if (change === null) {
      await channelsNotFound(database, [name], [], screen);
      return 1;
    }
    const [channel] = await listChannels(database, name);
    await screen.print(changeText(change, name, channel?.url ?? '', config.json));
    for (const note of notes(draft)) screen.tell(`note: ${note}`);
    return 0;
  });
};

function changeText(change: string, name: string, url: string, isJson: boolean): string {
  const shownUrl = shownChannelUrl(url);
  return isJson
    ? `${JSON.stringify({ change, name, url: shownUrl })}\n`
    : `${change.padEnd(7)}  ${name}  ${shownUrl}\n`;
}

const isPlain = (secret: string): boolean => !secret.startsWith('${') && secret !== FROM_INPUT;

/** What to know about what was said. */
function notes({ url, secrets }: ChannelDraft): readonly string[] {
  return [
    ...(/^mailto:/i.test(url ?? '') ? ['the service sends mail only with --smtp-url'] : []),
    ...(secrets?.some(isPlain)
      ? ['the secret is kept as it is; ${env:…} or ${file:…} would keep it out of the database']
      : []),
  ];
}

/** Replaces each `-` by a line of standard input. */
async function readInput(draft: ChannelDraft): Promise<ChannelDraft> {
  const { url, secrets } = draft;
  if (url !== FROM_INPUT && !secrets?.includes(FROM_INPUT)) return draft;
  const lines = (await text(await openFile('-'))).split(/\r?\n/).map(line => line.trim());
  const take = (what: string): string => {
    const line = lines.shift();
    if (line) return line;
    throw new Error(`standard input has no line for the ${what}`);
  };
  const read = url === FROM_INPUT ? take('URL') : url;
  const problem = read === null ? null : channelUrlProblem(read);
  if (problem !== null) throw new Error(`URL on standard input: ${problem}`);
  return {
    ...draft,
    url: read,
    secrets: secrets?.map(secret => (secret === FROM_INPUT ? take('secret') : secret)) ?? null,
  };
}
