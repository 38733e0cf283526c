import type { Answer } from './answer.ts';
import { isOurTrouble } from './cause.ts';
import type { Check, Verdict } from './check.ts';
import type { Lease } from './lease.ts';
import type { Match } from './match.ts';

export interface Rules {
  /** A status of 400 or more is down; false accepts any status */
  readonly raiseForStatus: boolean;
}

/** What was seen for one slot. */
export interface Observation {
  readonly lease: Lease;
  readonly startedAtMs: number;
  readonly answer: Exclude<Answer, { kind: 'aborted' }>;
  /** Null where there was no pattern, or no body to search */
  readonly match: Match | null;
}

/** Judges what was seen: up, down by the website's own fault, or unknown by ours. */
export function judge({ lease, startedAtMs, answer, match }: Observation, rules: Rules): Check {
  return {
    kind: 'checked',
    lease,
    startedAtMs,
    verdict: answer.kind === 'failed' ? verdictOfFailure(answer) : verdictOfAnswer(answer, match, rules),
    httpStatus: answer.httpStatus,
    regexMatch: match?.kind === 'found' ? true : match?.kind === 'absent' ? false : null,
    bodyCut: answer.kind === 'answered' && answer.bodyCut,
    phases: answer.phases,
  };
}

const verdictOfFailure = ({ cause, detail }: Extract<Answer, { kind: 'failed' }>): Verdict => ({
  outcome: isOurTrouble(cause) ? 'unknown' : 'down',
  cause,
  detail,
});

function verdictOfAnswer(
  { httpStatus, bodyCut }: Extract<Answer, { kind: 'answered' }>,
  match: Match | null,
  { raiseForStatus }: Rules,
): Verdict {
  if (raiseForStatus && httpStatus >= 400) {
    return { outcome: 'down', cause: 'http_status', detail: `the final status is ${httpStatus}` };
  }
  switch (match?.kind) {
    case 'absent': {
      const where = bodyCut ? 'the part of the body that was read' : 'the body';
      return { outcome: 'down', cause: 'regex_mismatch', detail: `the pattern does not occur in ${where}` };
    }
    case 'invalid':
      return { outcome: 'unknown', cause: 'regex_invalid', detail: match.detail };
    case 'timed-out':
      return { outcome: 'unknown', cause: 'regex_timeout', detail: 'the search was stopped at its deadline' };
    default:
      return { outcome: 'up' };
  }
}
