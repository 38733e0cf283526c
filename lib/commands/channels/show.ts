import { shownChannelUrl } from '../../channels/address/shown-channel-url.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import {
  type DeadLetter,
  type ListedChannel,
  listChannels,
  listDeadLetters,
} from '../../postgres/channels/channels.ts';
import { agoText, countText, table, timeText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { channelJson, labelsText, lengthText, problemText, stateText } from './channel-text.ts';
import { channelsNotFound } from './not-found.ts';

const ROWS_MAX = 10;

/** Prints all about one channel: state, settings and dead letters. */
export const show: Run<'channels show'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const [name = ''] = config.names;
    const [channel] = await listChannels(database, name);
    if (channel === undefined) return channelsNotFound(database, [name], [], screen);
    const deadLetters = await listDeadLetters(database, channel.id, ROWS_MAX);
    if (config.json) {
      await screen.print(`${JSON.stringify({ ...channelJson(channel), deadLetters })}\n`);
      return 0;
    }
    await screen.print(`${channel.name}  ${channel.kind}  ${shownChannelUrl(channel.url)}\n`);
    await screen.print(`\nstate\n${lines(stateLines(channel))}\nsettings\n${lines(settingLines(channel))}`);
    if (deadLetters.length > 0) {
      const shown = channel.dead > ROWS_MAX ? ` (${ROWS_MAX} of ${countText(channel.dead)})` : '';
      await screen.print(`\ndead letters${shown}\n${deadTable(deadLetters)}`);
      screen.tell(`to send them again: website-monitor channels resend ${channel.name}`);
    }
    return 0;
  });

type Lines = readonly (readonly [name: string, text: string])[];

const lines = (all: Lines): string =>
  all
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `  ${name.padEnd(13)}  ${text}\n`)
    .join('');

const stateLines = (channel: ListedChannel): Lines => [
  ['now', stateText(channel)],
  ['problem', problemText(channel)],
  ['failing since', channel.failingSince === null ? '' : timeText(channel.failingSince)],
  ['next attempt', channel.nextAttemptAt === null ? '' : timeText(channel.nextAttemptAt)],
  ['last sent', channel.lastSentAt === null ? 'never' : lastSentText(channel, channel.lastSentAt)],
  ['waiting', countText(channel.waiting)],
  ['dead letters', countText(channel.dead)],
];

const lastSentText = ({ lastSentS }: ListedChannel, at: Date): string =>
  `${timeText(at)}, ${agoText(lastSentS ?? 0)} ago`;

const settingLines = (channel: ListedChannel): Lines => [
  ['targets', cleanDetail(labelsText(channel))],
  ['delay', channel.delayMs === 0 ? 'none' : lengthText(channel.delayMs)],
  ['reminder', channel.reminderMs === null ? 'none' : lengthText(channel.reminderMs)],
  ['resolved', channel.sendsResolved ? 'sent' : 'not sent'],
  ['time zone', channel.timeZone],
  ['secrets', String(channel.secrets)],
];

const deadTable = (letters: readonly DeadLetter[]): string =>
  table(
    ['given up', 'alert', 'news', 'about', 'attempts', 'problem'],
    letters.map(({ givenUpAt, alertId, news, kind, title, attempts, problem }) => [
      timeText(givenUpAt),
      alertId ?? '-',
      news,
      cleanDetail(`${kind ?? ''} ${title ?? ''}`.trim()),
      String(attempts),
      cleanDetail(problem ?? ''),
    ]),
  );
