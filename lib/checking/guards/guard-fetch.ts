import { defaultIfEmpty, defer, map, type Observable, race, take, timer } from 'rxjs';
import { type Answer, NO_PHASES, type Phases } from '../../domain/check/answer.ts';
import { failed } from '../../domain/check/make-answer.ts';
import { cleanDetail, cleanText } from '../../domain/clean-text.ts';
import type { Ports } from '../ports.ts';
import { answerProblem } from './answer-problem.ts';

/** Grace after its deadline: a fetch ends then, and needs a moment to report it. */
const LATE_MS_MAX = 1_000;

/** Longest text of a certificate that is kept, in UTF-16 code units. */
const CERTIFICATE_CHARACTERS_MAX = 1_000;

/**
 * Guards a fetch that an embedder wrote. One that ignores its deadline, answers nothing, or answers what no check can
 * be made of is trouble of ours: an `internal_error` that says which promise was broken.
 */
export const guardFetch =
  (fetch: Ports['fetch']): Ports['fetch'] =>
  (target, deadlineMonotonicMs, onNewConnection, slackMs = 0, check = {}) =>
    defer((): Observable<Answer> => {
      const startedMs = performance.now();
      const trouble = (detail: string): Answer => {
        const totalUs = Math.round((performance.now() - startedMs) * 1_000);
        return failed('internal_error', detail, { phases: { ...NO_PHASES, totalUs } });
      };
      const lateMs = Math.max(0, deadlineMonotonicMs - startedMs) + slackMs + LATE_MS_MAX;
      return race(
        defer(() => fetch(target, deadlineMonotonicMs, onNewConnection, slackMs, check)).pipe(
          map(answer => {
            const problem = answerProblem(answer);
            return problem === null
              ? tidied(answer)
              : trouble(`the fetch gave an invalid answer: ${problem}`);
          }),
          defaultIfEmpty<Answer, null>(null),
          map(answer => answer ?? trouble('the fetch completed without an answer')),
        ),
        timer(lateMs).pipe(map(() => trouble('the fetch did not end by its deadline'))),
      ).pipe(take(1));
    });

/** Whole microseconds, and texts that PostgreSQL and a log can store. */
function tidied(answer: Answer): Answer {
  if (answer.kind === 'aborted') return answer;
  const { certificate } = answer;
  const clean = (text: string): string => cleanText(text, CERTIFICATE_CHARACTERS_MAX);
  const seen = {
    phases: rounded(answer.phases),
    hops: answer.hops.map(hop => ({ ...hop, phases: rounded(hop.phases) })),
    certificate: certificate && {
      expiresAtMs: Math.floor(certificate.expiresAtMs),
      host: clean(certificate.host),
      subject: clean(certificate.subject),
      issuer: clean(certificate.issuer),
      fingerprint: clean(certificate.fingerprint),
    },
  };
  return answer.kind === 'answered'
    ? { ...answer, ...seen }
    : { ...answer, ...seen, detail: cleanDetail(answer.detail) };
}

const rounded = (phases: Phases): Phases => ({
  dnsUs: roundedOrNull(phases.dnsUs),
  connectUs: roundedOrNull(phases.connectUs),
  tlsUs: roundedOrNull(phases.tlsUs),
  ttfbUs: roundedOrNull(phases.ttfbUs),
  transferUs: roundedOrNull(phases.transferUs),
  totalUs: Math.round(phases.totalUs),
});

const roundedOrNull = (us: number | null): number | null => us && Math.round(us);
