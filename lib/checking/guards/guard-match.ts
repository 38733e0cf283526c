import { catchError, defer, firstValueFrom, map, of, race, timer } from 'rxjs';
import type { Match } from '../../domain/check/match.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import type { Ports } from '../ports.ts';

/** Longest wait for a result, besides the slack: the shortest margin that a lease may have. */
const MATCHING_MS_MAX = 2_000;

const NOT_RUN: Match = { kind: 'not-run' };
const INVALID: Match = { kind: 'invalid', detail: 'the matcher gave an invalid result' };

/** Guards a matcher that an embedder wrote: the check goes on if it throws, never ends, or returns an invalid match. */
export const guardMatch =
  (match: Ports['match']): Ports['match'] =>
  (pattern, body, slackMs = 0) =>
    firstValueFrom(
      race(
        defer(() => match(pattern, body, slackMs)).pipe(
          map(tidied),
          catchError(() => of(NOT_RUN)),
        ),
        timer(MATCHING_MS_MAX + slackMs).pipe(map(() => NOT_RUN)),
      ),
      { defaultValue: NOT_RUN },
    );

function tidied(value: Match | null | undefined): Match {
  switch (value?.kind) {
    case 'found':
    case 'absent':
    case 'overrun':
    case 'not-run':
      return { kind: value.kind };
    case 'invalid':
    case 'set-aside':
      return { kind: value.kind, detail: cleanDetail(String(value.detail)) };
    default:
      return INVALID;
  }
}
