import type { Message } from '../../../alerting/message.ts';
import type { Report } from '../../wording/report.ts';

/** The part for programs without HTML, and for previews. */
export function textOf({ title, facts, items, notes, link }: Report, { channel }: Message): string {
  const blocks = [
    [title],
    facts.map(({ label, text }) => `${label}: ${text}`),
    items.map(item => `- ${item.text}${item.link === null ? '' : `\n  ${item.link}`}`),
    notes,
    link === null ? [] : [link],
    ['-- ', footer(channel)],
  ];
  return `${blocks
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`;
}

export const footer = (channel: string): string =>
  `Sent by website-monitor to its channel ${channel.replace(/\p{Cc}+/gu, ' ')}.`;
