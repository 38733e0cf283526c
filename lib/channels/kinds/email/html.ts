import type { Message } from '../../../alerting/message.ts';
import type { Item, Mood, Report } from '../../wording/report.ts';
import { footer } from './text.ts';

/** Colours by mood, for a light and a dark client. */
const COLOURS: Readonly<Record<Mood, readonly [light: string, dark: string]>> = {
  bad: ['#c81e1e', '#ff8a80'],
  warning: ['#b45309', '#fbbf24'],
  good: ['#047857', '#4ade80'],
  neutral: ['#475569', '#a8b3c4'],
};

const FONT =
  "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5";

/**
 * One column in tables, which all mail programs lay out alike; no images, no links but our own. Light colours stand
 * at the elements, for programs that drop style sheets; those that know `prefers-color-scheme` take the dark ones.
 */
export const htmlOf = (report: Report, { channel }: Message): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(report.title)}</title>
<style>${STYLE}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f6">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px">
<tr><td class="${report.mood}-edge" style="height:4px;line-height:4px;font-size:4px;background:${COLOURS[report.mood][0]};border-radius:8px 8px 0 0">&nbsp;</td></tr>
<tr><td class="text" style="padding:20px 24px 4px;${FONT};color:#111827">
<h1 class="${report.mood}" style="margin:0;font-size:19px;line-height:1.35;font-weight:650;color:${COLOURS[report.mood][0]};word-break:break-word">${escaped(report.title)}</h1>
</td></tr>
<tr><td style="padding:8px 24px 20px">
${[factsTable(report), itemsTable(report), ...report.notes.map(noteHtml), buttonHtml(report)].filter(Boolean).join('\n')}
</td></tr>
</table>
<p class="soft" style="margin:16px 0 0;${FONT};font-size:12px;color:#6b7280">${escaped(footer(channel))}</p>
</td></tr>
</table>
</body>
</html>
`;

const factsTable = ({ facts }: Report): string =>
  facts.length === 0
    ? ''
    : `<table role="presentation" width="100%" cellpadding="0" cellspacing="0">\n${facts
        .map(
          ({ label, text }, index) =>
            `<tr><td class="soft line" valign="top" style="padding:8px 16px 7px 0;min-width:96px;${FONT};font-size:13px;color:#6b7280;${lineAbove(index)};white-space:nowrap">${escaped(label)}</td>` +
            `<td class="text line" valign="top" width="100%" style="padding:7px 0;${FONT};color:#111827;${lineAbove(index)};word-break:break-word">${unbroken(escaped(text))}</td></tr>`,
        )
        .join('\n')}\n</table>`;

const itemsTable = ({ items }: Report): string =>
  items.length === 0
    ? ''
    : `<table role="presentation" width="100%" cellpadding="0" cellspacing="0">\n${items.map(itemRow).join('\n')}\n</table>`;

const itemRow = ({ mood, text, link }: Item, index: number): string =>
  `<tr><td class="${mood} line" valign="top" style="padding:7px 10px 7px 0;${FONT};color:${COLOURS[mood][0]};${lineAbove(index)}">&#9679;</td>` +
  `<td class="text line" width="100%" style="padding:7px 0;${FONT};color:#111827;${lineAbove(index)};word-break:break-word">${
    link === null
      ? escaped(text)
      : `<a class="text" href="${escaped(link)}" style="color:#111827">${escaped(text)}</a>`
  }</td></tr>`;

const noteHtml = (note: string): string =>
  `<p class="soft" style="margin:14px 0 0;${FONT};font-size:13px;color:#6b7280">${escaped(note)}</p>`;

const buttonHtml = ({ link }: Report): string =>
  link === null
    ? ''
    : `<p style="margin:20px 0 0;${FONT}"><a class="button" href="${escaped(link)}" style="display:inline-block;padding:9px 16px;background:#111827;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:600;font-size:14px">Open in website-monitor</a></p>`;

const lineAbove = (index: number): string => (index === 0 ? 'border:0' : 'border-top:1px solid #eef0f3');

/** Keeps numbers and their units on one line. */
const unbroken = (text: string): string =>
  text.replace(/(\d) (ms|s|min|h|days?|[A-Z]{3,4})\b/g, '$1&nbsp;$2');

const MOODS = Object.entries(COLOURS);

const STYLE = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#0b0f16!important}
.card{background:#151b26!important;border-color:#2a3343!important}
.text{color:#e8ecf3!important}
.soft{color:#9aa6b8!important}
.line{border-color:#242d3c!important}
.button{background:#e8ecf3!important;color:#0b0f16!important}
${MOODS.map(([mood, [, dark]]) => `.${mood}{color:${dark}!important}\n.${mood}-edge{background:${dark}!important}`).join('\n')}
}`;

/** Also safe in attributes in double quotes. */
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
