import { fittedReport } from '../wording/fitted-report.ts';
import type { Mood, Report } from '../wording/report.ts';
import { SIGNS } from '../wording/signs.ts';
import { wholeLines } from '../wording/whole-lines.ts';
import { jsonRequest, type Render } from './outgoing.ts';

/** https://docs.discord.com/developers/resources/message: content of 2,000 characters, description of 4,096 */
const CONTENT_MAX = 2_000;
const DESCRIPTION_MAX = 4_096;

/** The content is what a phone shows; the embed below it holds the details. */
export const discord: Render<'discord'> = (message, { address }) => {
  const report = fittedReport(message, one => linesOf(one).join('\n').length <= DESCRIPTION_MAX);
  const { mood, title } = report;
  return jsonRequest(
    { ...address, url: confirmed(address.url) },
    {
      content: `${SIGNS[mood]} ${escaped(title)}`.slice(0, CONTENT_MAX),
      embeds: [{ description: wholeLines(linesOf(report), DESCRIPTION_MAX), color: COLOURS[mood] }],
      allowed_mentions: { parse: [] },
    },
  );
};

const linesOf = ({ facts, items, notes, link }: Report): readonly string[] => [
  ...facts.map(({ label, text }) => `**${label}:** ${escaped(text)}`),
  ...items.map(({ mood, text }) => `${SIGNS[mood]} ${escaped(text)}`),
  ...notes.map(escaped),
  ...(link === null ? [] : [`[Open in website-monitor](${link})`]),
];

const COLOURS: Readonly<Record<Mood, number>> = {
  bad: 0xd92d20,
  warning: 0xdc6803,
  good: 0x079455,
  neutral: 0x667085,
};

/** Without `wait`, Discord answers 204 before it knows whether it will save the message. */
function confirmed(address: string): string {
  const url = new URL(address);
  url.searchParams.set('wait', 'true');
  return url.href;
}

/** Markdown, mentions (`<@1>`), links (`[a](b)`), and timestamps (`<t:0>`). */
const escaped = (text: string): string => text.replace(/[\\*_~`|<>[\]()#:@-]/g, '\\$&');
