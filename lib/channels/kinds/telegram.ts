import { reportOf } from '../wording/report.ts';
import { SIGNS } from '../wording/signs.ts';
import { wholeLines } from '../wording/whole-lines.ts';
import { jsonRequest, type Render } from './outgoing.ts';

/** https://core.telegram.org/bots/api#sendmessage */
const TEXT_MAX = 4_096;

/** Bold by an entity instead of markup, so nothing in the text has to be escaped. */
export const telegram: Render<'telegram'> = (message, { address }) => {
  const { mood, title, facts, items, notes, link } = reportOf(message);
  const first = inert(`${SIGNS[mood]} ${title}`);
  const lines = [
    ...facts.map(({ label, text }) => `${label}: ${text}`),
    ...items.map(item => `${SIGNS[item.mood]} ${item.text}`),
    ...notes,
  ].map(inert);
  return jsonRequest(address, {
    chat_id: address.chat,
    text: wholeLines([first, ...(lines.length > 0 ? ['', ...lines] : [])], TEXT_MAX),
    entities: [{ type: 'bold', offset: 0, length: first.length }],
    link_preview_options: { is_disabled: true },
    ...(link === null
      ? {}
      : { reply_markup: { inline_keyboard: [[{ text: 'Open in website-monitor', url: link }]] } }),
  });
};

/** Telegram itself looks for @mentions, /commands and #tags; a word joiner, which shows nothing, hides them from it. */
const inert = (text: string): string => text.replace(/[@#]|(?<![\w/:.])\//g, '$&\u2060');
