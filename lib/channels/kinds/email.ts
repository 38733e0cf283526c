import type { Message, Told } from '../../alerting/message.ts';
import { reportOf } from '../wording/report.ts';
import { htmlOf } from './email/html.ts';
import { textOf } from './email/text.ts';
import type { Render } from './outgoing.ts';

/** Text and HTML that say the same. The end of an alert refers to its opening, so that both are in one thread. */
export const email: Render<'email'> = (message, { address, channelId }) => {
  const report = reportOf(message);
  const threads = message.told.map(told => threadOf(told, channelId));
  const opens = isOpening(message);
  return {
    kind: 'mail',
    to: address.recipients,
    subject: report.title,
    text: textOf(report, message),
    html: htmlOf(report, message),
    id: opens ? threadOf(message.told[0], channelId) : message.id,
    references: opens ? [] : threads,
  };
};

/** The opening of one alert has that alert's own id, to which what follows refers. */
const isOpening = ({ told, counts }: Message): boolean =>
  told.length === 1 && told[0].news === 'opened' && counts.reduce((sum, { count }) => sum + count, 0) <= 1;

const threadOf = ({ alertId }: Told, channelId: string): string =>
  `alert-${word(alertId)}-${word(channelId)}`;

/** What may stand in a Message-ID. */
const word = (text: string): string => text.replace(/[^\w-]/g, '-');
