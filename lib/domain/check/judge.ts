import { isInRanges } from '../target/status-ranges.ts';
import type { Target } from '../target/target.ts';
import type { Answer } from './answer.ts';
import { type Cause, isOurTrouble } from './cause.ts';
import type { Certificate } from './certificate.ts';
import type { Check, Verdict } from './check.ts';
import type { Lease } from './lease.ts';
import type { Match } from './match.ts';

/** Rules for targets that have none of their own. */
export interface Rules {
  /** Whether statuses from 400 are down; false accepts every status */
  readonly raiseForStatus: boolean;
}

/** What one attempt saw of a slot's target. */
export interface Observation {
  readonly lease: Lease;
  /** When the attempt started, on the database's clock, in milliseconds since 1970 */
  readonly startedAtMs: number;
  readonly answer: Exclude<Answer, { kind: 'aborted' }>;
  /** Null if there was no pattern, or no body to search */
  readonly match: Match | null;
}

type Answered = Extract<Answer, { kind: 'answered' }>;

/** Judges one attempt: `up`, `down` if the website is at fault, `unknown` if we are. Pure. */
export function judge({ lease, startedAtMs, answer, match }: Observation, rules: Rules): Check {
  const { phases, hops, certificate, httpStatus } = answer;
  return {
    kind: 'checked',
    lease,
    startedAtMs,
    confirmations: null,
    verdict:
      answer.kind === 'failed'
        ? notUp(answer.cause, answer.detail)
        : (faultOf(answer, match, lease.target, startedAtMs, rules) ?? { outcome: 'up' }),
    httpStatus,
    match,
    bodyCut: answer.kind === 'answered' && answer.bodyCut,
    phases,
    hops,
    certificate,
  };
}

const notUp = (cause: Cause, detail: string): Verdict => ({
  outcome: isOurTrouble(cause) ? 'unknown' : 'down',
  cause,
  detail,
});

/** Prefers a fault of the website over a fault of ours, which would hide it; null if there is neither. */
function faultOf(
  answer: Answered,
  match: Match | null,
  target: Target,
  atMs: number,
  rules: Rules,
): Verdict | null {
  const faults = [
    faultOfStatus(answer, target, rules),
    faultOfBody(answer, match, target),
    faultOfCertificate(answer.certificate, target, atMs),
    faultOfLatency(answer, target),
  ].filter(fault => fault !== null);
  return faults.find(({ outcome }) => outcome === 'down') ?? faults[0] ?? null;
}

function faultOfStatus({ httpStatus }: Answered, { acceptedStatuses }: Target, rules: Rules): Verdict | null {
  const isAccepted =
    acceptedStatuses === null
      ? httpStatus < 400 || !rules.raiseForStatus
      : isInRanges(httpStatus, acceptedStatuses);
  return isAccepted ? null : notUp('http_status', `the final status is ${httpStatus}`);
}

function faultOfBody({ bodyCut }: Answered, match: Match | null, { pattern }: Target): Verdict | null {
  if (match === null || pattern === null) return null;
  switch (match.kind) {
    case 'found':
      return pattern.mustMatch ? null : notUp('regex_forbidden', 'the pattern occurs in the body');
    case 'absent': {
      const where = bodyCut ? 'the part of the body that was read' : 'the body';
      return pattern.mustMatch ? notUp('regex_mismatch', `the pattern does not occur in ${where}`) : null;
    }
    case 'invalid':
      return notUp('regex_invalid', match.detail);
    case 'overrun':
      return notUp('regex_timeout', 'the search ran past its limit and was stopped');
    case 'not-run':
      return notUp('worker_stalled', 'this process was too busy to search the body');
    case 'set-aside':
      return notUp('regex_set_aside', match.detail);
  }
}

const DAY_MS = 86_400_000;

function faultOfCertificate(
  certificate: Certificate | null,
  { certificateValidityMinMs }: Target,
  atMs: number,
): Verdict | null {
  if (certificate === null || certificateValidityMinMs === null) return null;
  const validForMs = certificate.expiresAtMs - atMs;
  if (validForMs >= certificateValidityMinMs) return null;
  const days = Math.floor(validForMs / DAY_MS);
  const when = days < 0 ? `expired ${daysText(-days)} ago` : `expires in ${daysText(days)}`;
  return notUp('tls_expires_soon', `a certificate of ${certificate.host} ${when}`);
}

const daysText = (days: number): string => (days === 1 ? '1 day' : `${days} days`);

/** Time in which this process was held up does not count against the website. */
function faultOfLatency({ phases, heldUpMs }: Answered, { latencyMaxMs }: Target): Verdict | null {
  const tookMs = phases.totalUs / 1_000 - heldUpMs;
  if (latencyMaxMs === null || tookMs <= latencyMaxMs) return null;
  return notUp('too_slow', `the check took ${Math.ceil(tookMs)} ms; the limit is ${latencyMaxMs} ms`);
}
