import { PHASES } from '../domain/check/answer.ts';
import type { Check } from '../domain/check/check.ts';
import { cleanDetail, cleanText } from '../domain/clean-text.ts';

export const MARKS = { up: '✓', down: '✗', unknown: '?' } as const;

const URL_CHARACTERS_SHOWN = 80;
/** Results begin below each other where URLs are shorter than this */
const URL_COLUMNS = 32;
/** On however narrow a terminal, so much of URL and result is shown */
const ROOM_MIN = 30;

/** The part of a check that a line shows. Checks read from the database have this much, too. */
type Shown = Pick<Check, 'startedAtMs' | 'verdict' | 'httpStatus' | 'match' | 'phases' | 'confirmations'> & {
  readonly lease: { readonly target: Pick<Check['lease']['target'], 'url'> };
};

/**
 * Formats a check as one line of aligned columns: time (UTC), mark, status, total, phases, URL, result.
 *
 *     09:41:07 ✓ 200    44 ms  dns 1.2  connect 9.8  tls 20   ttfb 12   transfer 0.1   https://example.org/
 *
 * Durations are in milliseconds; `-` marks a phase that did not happen. A line that would be longer than
 * `columnsMax` leaves the phases out, then cuts URL and result.
 */
export function checkLine(check: Shown, columnsMax = Number.POSITIVE_INFINITY): string {
  const { startedAtMs, verdict, httpStatus, phases, lease } = check;
  const result = resultText(check);
  const head = [
    `${new Date(startedAtMs).toISOString().slice(11, 19)} ${MARKS[verdict.outcome]} ${httpStatus ?? '-  '}`,
    `${Math.round(phases.totalUs / 1000)} ms`.padStart(8),
  ];
  const url = cleanText(cleanDetail(lease.target.url), URL_CHARACTERS_SHOWN);
  const every = PHASES.map(([name, key]) => `${name} ${milliseconds(phases[key]).padEnd(4)}`).join(' ');
  const line = [...head, every, url.padEnd(result === '' ? 0 : URL_COLUMNS), result].join('  ').trimEnd();
  if (line.length <= columnsMax) return line;

  const room = Math.max(ROOM_MIN, columnsMax - head.join('  ').length - 2);
  if (result === '') return [...head, cleanText(url, room)].join('  ');
  const forUrl = Math.min(URL_COLUMNS, Math.floor(room / 2));
  return [...head, cleanText(url, forUrl).padEnd(forUrl), cleanText(result, room - forUrl - 2)].join('  ');
}

function resultText({ verdict, match, confirmations }: Shown): string {
  if (verdict.outcome !== 'up') return `${verdict.cause}: ${cleanDetail(verdict.detail)}`;
  return [match?.kind === 'found' && 'matched', confirmations && `after ${confirmations.firstCause}`]
    .filter(Boolean)
    .join(', ');
}

/** Two digits are enough to see which phase was slow. */
const milliseconds = (us: number | null): string => {
  if (us === null) return '-';
  return us < 9_950 ? (us / 1000).toFixed(1) : `${Math.round(us / 1000)}`;
};
