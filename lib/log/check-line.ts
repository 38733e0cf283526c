import { PHASES } from '../domain/check/answer.ts';
import type { Check } from '../domain/check/check.ts';
import { cleanDetail, cleanText } from '../domain/clean-text.ts';

export const MARKS = { up: '✓', down: '✗', unknown: '?' } as const;

const URL_CHARACTERS_SHOWN = 80;

/** The part of a check that a line shows. Checks read from the database have this much, too. */
type Shown = Pick<Check, 'startedAtMs' | 'verdict' | 'httpStatus' | 'match' | 'phases' | 'confirmations'> & {
  readonly lease: { readonly target: Pick<Check['lease']['target'], 'url'> };
};

/**
 * Formats a check as one line of aligned columns: time (UTC), mark, status, total, phases, URL, result.
 *
 *     09:41:07 ✓ 200    44 ms  dns 1.2  connect 9.8  tls 20   ttfb 12   transfer 0.1   https://example.org/
 *
 * Durations are in milliseconds; `-` marks a phase that did not happen.
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

/** Two digits are enough to see which phase was slow. */
const milliseconds = (us: number | null): string => {
  if (us === null) return '-';
  return us < 9_950 ? (us / 1000).toFixed(1) : `${Math.round(us / 1000)}`;
};
