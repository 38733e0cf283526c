import { fittedReport } from '../wording/fitted-report.ts';
import type { Report } from '../wording/report.ts';
import { SIGNS } from '../wording/signs.ts';
import { wholeLines } from '../wording/whole-lines.ts';
import { jsonRequest, type Render } from './outgoing.ts';

/** https://core.telegram.org/bots/api#sendmessage */
const TEXT_MAX = 4_096;

/** Bold by an entity instead of markup, so nothing in the text has to be escaped. */
export const telegram: Render<'telegram'> = (message, { address }) => {
  const report = fittedReport(message, one => linesOf(one).join('\n').length <= TEXT_MAX);
  const lines = linesOf(report);
  return jsonRequest(address, {
    chat_id: address.chat,
    text: wholeLines(lines, TEXT_MAX),
    entities: [{ type: 'bold', offset: 0, length: lines[0].length }],
    link_preview_options: { is_disabled: true },
    ...(report.link === null
      ? {}
      : { reply_markup: { inline_keyboard: [[{ text: 'Open in website-monitor', url: report.link }]] } }),
  });
};

function linesOf({ mood, title, facts, items, notes }: Report): readonly [string, ...string[]] {
  const rest = [
    ...facts.map(({ label, text }) => `${label}: ${text}`),
    ...items.map(item => `${SIGNS[item.mood]} ${item.text}`),
    ...notes,
  ];
  return [inert(`${SIGNS[mood]} ${title}`), ...(rest.length > 0 ? ['', ...rest.map(inert)] : [])];
}

/** Telegram itself looks for @mentions, /commands and #tags; a word joiner, which shows nothing, hides them from it. */
const inert = (text: string): string => text.replace(/[@#]|(?<![\w/:.])\//g, '$&\u2060');
