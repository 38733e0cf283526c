import { PHASES } from '../domain/check/answer.ts';
import type { Check } from '../domain/check/check.ts';
import { cleanDetail, cleanText } from '../domain/clean-text.ts';

export const MARKS = { up: '✓', down: '✗', unknown: '?' } as const;

const URL_CHARACTERS_SHOWN = 80;

/** What a line tells of a check: less than there is to one, so that it can be had from the database, too. */
type Shown = Pick<Check, 'startedAtMs' | 'verdict' | 'httpStatus' | 'match' | 'phases' | 'confirmations'> & {
  readonly lease: { readonly target: Pick<Check['lease']['target'], 'url'> };
};

/**
 * A check as one line in aligned columns: time (UTC), mark, status, total, phases, URL, and what came of it.
 *
 *     09:41:07 ✓ 200    44 ms  dns 1.2  connect 9.8  tls 20   ttfb 12   transfer 0.1   https://example.org/
 *
 * Times are in milliseconds; `-` is a phase that did not happen.
 */
export function checkLine({
  startedAtMs,
  verdict,
  httpStatus,
  match,
  phases,
  lease,
  confirmations,
}: Shown): string {
  const result =
    verdict.outcome === 'up'
      ? [match?.kind === 'found' && 'matched', confirmations && `after ${confirmations.firstCause}`]
          .filter(Boolean)
          .join(', ')
      : `${verdict.cause}: ${cleanDetail(verdict.detail)}`;
  const columns = [
    `${new Date(startedAtMs).toISOString().slice(11, 19)} ${MARKS[verdict.outcome]} ${httpStatus ?? '-  '}`,
    `${Math.round(phases.totalUs / 1000)} ms`.padStart(8),
    PHASES.map(([name, key]) => `${name} ${milliseconds(phases[key]).padEnd(4)}`).join(' '),
    cleanText(cleanDetail(lease.target.url), URL_CHARACTERS_SHOWN).padEnd(result === '' ? 0 : 32),
    result,
  ];
  return columns.join('  ').trimEnd();
}

/** Two digits suffice to see which phase was slow. */
const milliseconds = (us: number | null): string => {
  if (us === null) return '-';
  return us < 9_950 ? (us / 1000).toFixed(1) : `${Math.round(us / 1000)}`;
};
