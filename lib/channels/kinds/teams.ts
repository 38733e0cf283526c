import { fittedReport } from '../wording/fitted-report.ts';
import type { Mood, Report } from '../wording/report.ts';
import { bytesOf } from '../wording/whole-lines.ts';
import { jsonRequest, type Render } from './outgoing.ts';

/** https://learn.microsoft.com/connectors/teams: a message has about 28 KB at most */
const BYTES_MAX = 24_000;

/** An Adaptive Card for a workflow "when a Teams webhook request is received". */
export const teams: Render<'teams'> = (message, { address }) =>
  jsonRequest(
    address,
    cardOf(fittedReport(message, one => bytesOf(JSON.stringify(cardOf(one))) <= BYTES_MAX)),
  );

const COLOURS: Readonly<Record<Mood, string>> = {
  bad: 'Attention',
  warning: 'Warning',
  good: 'Good',
  neutral: 'Default',
};

const cardOf = ({ mood, title, facts, items, notes, link }: Report) => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        msteams: { width: 'Full' },
        fallbackText: title,
        body: [
          paragraph(run(title, { weight: 'Bolder', size: 'Large', color: COLOURS[mood] })),
          ...facts.map(({ label, text }) => paragraph(run(`${label}: `, { weight: 'Bolder' }), run(text))),
          ...items.map(item => paragraph(run(item.text, { color: COLOURS[item.mood] }))),
          ...notes.map(note => paragraph(run(note, { isSubtle: true }))),
        ],
        ...(link === null
          ? {}
          : { actions: [{ type: 'Action.OpenUrl', title: 'Open in website-monitor', url: link }] }),
      },
    },
  ],
});

/** Runs of rich text know no Markdown, unlike text blocks: nothing in them has to be escaped. */
const run = (text: string, style: object = {}) => ({ type: 'TextRun', text, ...style });

const paragraph = (...inlines: readonly object[]) => ({ type: 'RichTextBlock', inlines });
