import { fittedReport } from '../wording/fitted-report.ts';
import type { Report } from '../wording/report.ts';
import { SIGNS } from '../wording/signs.ts';
import { wholeLines } from '../wording/whole-lines.ts';
import { jsonRequest, type Render } from './outgoing.ts';

/** https://docs.slack.dev/reference/block-kit/blocks: a header of 150 characters, sections of 3,000 */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;

/** Plain text above the fold, since it is also what a phone shows; mentions, links and emoji in it are inert. */
export const slack: Render<'slack'> = (message, { address }) => {
  const report = fittedReport(message, one => linesOf(one).join('\n').length <= SECTION_MAX);
  const title = `${SIGNS[report.mood]} ${report.title}`;
  return jsonRequest(address, {
    text: escaped(title),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, HEADER_MAX), emoji: false } },
      ...sections(report),
    ],
  });
};

const linesOf = ({ title, facts, items }: Report): readonly string[] => [
  ...(title.length > HEADER_MAX - 3 ? [escaped(title)] : []),
  ...facts.map(({ label, text }) => `*${label}:* ${escaped(text)}`),
  ...items.map(({ mood, text }) => `${SIGNS[mood]} ${escaped(text)}`),
];

function sections(report: Report) {
  const { notes, link } = report;
  const rest = [
    ...notes.map(escaped),
    ...(link === null ? [] : [`<${escaped(link)}|Open in website-monitor>`]),
  ];
  return [linesOf(report), rest]
    .filter(some => some.length > 0)
    .map(some => ({
      type: 'section',
      // Verbatim: Slack makes no links, channels and users out of what looks like one.
      text: { type: 'mrkdwn', text: wholeLines(some, SECTION_MAX), verbatim: true },
    }));
}

/** https://docs.slack.dev/messaging/formatting-message-text: only these three begin a mention or a link. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cut = (text: string, charactersMax: number): string =>
  text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1).toWellFormed()}…`;
