import type { Message } from '../../../alerting/message.ts';
import type { Fact } from '../../wording/facts.ts';
import type { Item, Report } from '../../wording/report.ts';
import { COLOURS, DARK_SHEET, STYLES } from './styles.ts';
import { footer } from './text.ts';

/**
 * One column in tables, which all mail programs lay out alike. Loads nothing: no images, no fonts, and no links but
 * our own.
 */
export const htmlOf = (report: Report, { channel }: Message): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(report.title)}</title>
<style>${DARK_SHEET}</style>
</head>
<body class="page" style="${STYLES.page}">
${table('page', STYLES.page, [CENTRED, card(report), foot(channel), '</td></tr>'])}
</body>
</html>
`;

const CENTRED = '<tr><td align="center" style="padding:24px 12px">';

const table = (className: string, style: string, lines: readonly string[]): string => {
  const attributes = 'role="presentation" width="100%" cellpadding="0" cellspacing="0"';
  return `<table ${attributes} class="${className}" style="${style}">\n${lines.join('\n')}\n</table>`;
};

const foot = (channel: string): string =>
  `<p class="soft" style="${STYLES.footer}">${escaped(footer(channel))}</p>`;

function card(report: Report): string {
  const { mood, title, facts, items, notes, link } = report;
  const [colour] = COLOURS[mood];
  const rows = [...facts.map(factRow), ...items.map(itemRow)];
  return table('card', STYLES.card, [
    `<tr><td class="${mood}-edge" style="${STYLES.edge};background:${colour}">&nbsp;</td></tr>`,
    '<tr><td style="padding:20px 24px">',
    `<h1 class="${mood}" style="${STYLES.title};color:${colour}">${escaped(title)}</h1>`,
    ...(rows.length === 0 ? [] : [table('', 'margin-top:8px', rows)]),
    ...notes.map(note => `<p class="soft" style="${STYLES.note}">${escaped(note)}</p>`),
    ...(link === null
      ? []
      : [`<a class="button" href="${escaped(link)}" style="${STYLES.button}">Open in website-monitor</a>`]),
    '</td></tr>',
  ]);
}

const factRow = ({ label, text }: Fact, index: number): string =>
  row(index, [
    ['soft', STYLES.label, escaped(label)],
    ['text', STYLES.text, unbroken(escaped(text))],
  ]);

const itemRow = ({ mood, text, link }: Item, index: number): string =>
  row(index, [
    [mood, `${STYLES.dot};color:${COLOURS[mood][0]}`, '&#9679;'],
    ['text', STYLES.text, link === null ? escaped(text) : linked(escaped(text), link)],
  ]);

const linked = (html: string, link: string): string =>
  `<a class="text" href="${escaped(link)}" style="${STYLES.link}">${html}</a>`;

type Cell = readonly [className: string, style: string, html: string];

/** Two cells, of which the second is as wide as can be; a line above all rows but the first. */
function row(index: number, [first, second]: readonly [Cell, Cell]): string {
  const line = index === 0 ? 'border:0' : 'border-top:1px solid #eef0f3';
  const cell = ([className, style, html]: Cell, width: string): string =>
    `<td class="${className} line" valign="top"${width} style="${style};${line}">${html}</td>`;
  return `<tr>${cell(first, '')}${cell(second, ' width="100%"')}</tr>`;
}

/** Keeps numbers and their units on one line. */
const unbroken = (html: string): string =>
  html.replace(/(\d) (ms|s|min|h|days?|[A-Z]{3,4})\b/g, '$1&nbsp;$2');

/** Also safe in attributes in double quotes. */
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
