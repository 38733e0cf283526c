import { fittedReport } from '../wording/fitted-report.ts';
import { plainLines } from '../wording/plain-lines.ts';
import type { Mood } from '../wording/report.ts';
import { bytesOf, wholeLines } from '../wording/whole-lines.ts';
import { authorizationOf, jsonRequest, type Render } from './outgoing.ts';

/** https://docs.ntfy.sh/publish/#limitations: 4,096 bytes; what carries it to phones takes as many, title included */
const MESSAGE_BYTES_MAX = 3_000;

/** Published as JSON, since a title in a header could not be in UTF-8. */
export const ntfy: Render<'ntfy'> = (message, { address, secrets }) => {
  const report = fittedReport(message, one => bytesOf(plainLines(one).join('\n')) <= MESSAGE_BYTES_MAX);
  const { mood, title, link } = report;
  return jsonRequest(
    { ...address, authorization: authorizationOf(address.authorization, secrets) },
    {
      topic: address.topic,
      title,
      message: wholeLines(plainLines(report), MESSAGE_BYTES_MAX, bytesOf) || title,
      ...LOUDNESS[mood],
      ...(link === null ? {} : { click: link }),
    },
  );
};

/** https://docs.ntfy.sh/publish/#message-priority, and tags that its apps show as emoji */
const LOUDNESS: Readonly<Record<Mood, { readonly priority: number; readonly tags: readonly string[] }>> = {
  bad: { priority: 5, tags: ['rotating_light'] },
  warning: { priority: 4, tags: ['warning'] },
  good: { priority: 3, tags: ['white_check_mark'] },
  neutral: { priority: 2, tags: ['information_source'] },
};
