import { expect } from 'chai';
import type { Answer } from '../../../lib/domain/check/answer.ts';
import { type Cause, DOWN_CAUSES, UNKNOWN_CAUSES } from '../../../lib/domain/check/cause.ts';
import type { Certificate } from '../../../lib/domain/check/certificate.ts';
import type { Outcome } from '../../../lib/domain/check/check.ts';
import { judge } from '../../../lib/domain/check/judge.ts';
import type { Match } from '../../../lib/domain/check/match.ts';
import type { Target } from '../../../lib/domain/target/target.ts';
import { aCheck } from '../../support/a-check.ts';
import { aPattern, aTarget } from '../../support/a-target.ts';
import { aFailure, anAnswer } from '../../support/an-answer.ts';

const { lease, phases } = aCheck();
const STRICT = { raiseForStatus: true };
const LENIENT = { raiseForStatus: false };

const answered = (httpStatus: number, bodyCut = false) => anAnswer({ httpStatus, bodyCut });
const failed = (cause: Cause, httpStatus: number | null = null) => aFailure(cause, { httpStatus });

const FOUND: Match = { kind: 'found' };
const ABSENT: Match = { kind: 'absent' };
const INVALID: Match = { kind: 'invalid', detail: 'missing )' };
const OVERRUN: Match = { kind: 'overrun' };
const SET_ASIDE: Match = { kind: 'set-aside', detail: 'three times' };
const NOT_RUN: Match = { kind: 'not-run' };

describe('judge', () => {
  const judged = (
    answer: Exclude<Answer, { kind: 'aborted' }>,
    match: Match | null,
    rules = STRICT,
    target: Partial<Target> = {},
  ) => {
    const pattern = match === null ? null : aPattern('a.*b');
    const slot = { ...lease, target: aTarget({ pattern, ...target }) };
    return judge({ lease: slot, startedAtMs: 5, answer, match }, rules);
  };

  const cases: [
    status: number,
    match: Match | null,
    rules: typeof STRICT,
    outcome: Outcome,
    cause: Cause | null,
  ][] = [
    [200, null, STRICT, 'up', null],
    [204, FOUND, STRICT, 'up', null],
    [304, null, STRICT, 'up', null],
    [399, null, STRICT, 'up', null],
    [400, null, STRICT, 'down', 'http_status'],
    [404, FOUND, STRICT, 'down', 'http_status'],
    [503, ABSENT, STRICT, 'down', 'http_status'],
    [503, INVALID, STRICT, 'down', 'http_status'],
    [404, null, LENIENT, 'up', null],
    [503, FOUND, LENIENT, 'up', null],
    [503, ABSENT, LENIENT, 'down', 'regex_mismatch'],
    [200, ABSENT, STRICT, 'down', 'regex_mismatch'],
    [200, INVALID, STRICT, 'unknown', 'regex_invalid'],
    [200, OVERRUN, STRICT, 'unknown', 'regex_timeout'],
    [200, SET_ASIDE, STRICT, 'unknown', 'regex_set_aside'],
    [200, NOT_RUN, STRICT, 'unknown', 'worker_stalled'],
  ];
  for (const [status, match, rules, outcome, cause] of cases) {
    const pattern = match === null ? 'no pattern' : `a pattern ${match.kind}`;
    const accepting = rules === LENIENT ? ', any status accepted,' : '';
    it(`calls status ${status} with ${pattern}${accepting} ${outcome}${cause === null ? '' : `: ${cause}`}`, () => {
      const { verdict } = judged(answered(status), match, rules);
      expect(verdict).to.include(cause === null ? { outcome } : { outcome, cause });
    });
  }

  it('calls every fault of the website down, with the explanation of the fetch', () => {
    for (const cause of DOWN_CAUSES) {
      const verdict = { outcome: 'down', cause, detail: 'as the fetch explained it' };
      expect(judged(failed(cause), null).verdict).to.deep.equal(verdict);
    }
  });

  it('calls every fault of ours unknown, never down', () => {
    for (const cause of UNKNOWN_CAUSES) {
      expect(judged(failed(cause), null).verdict).to.include({ outcome: 'unknown', cause });
    }
  });

  it('says that only part of the body was read if the pattern is absent', () => {
    const detailOf = (bodyCut: boolean) => judged(answered(200, bodyCut), ABSENT).verdict;
    expect(detailOf(false)).to.include({ detail: 'the pattern does not occur in the body' });
    expect(detailOf(true)).to.include({
      detail: 'the pattern does not occur in the part of the body that was read',
    });
  });

  it('keeps the slot, the start, the phases, the last status and whether the body was cut', () => {
    expect(judged(answered(200, true), null)).to.deep.include({
      kind: 'checked',
      lease: { ...lease, target: aTarget() },
      startedAtMs: 5,
      phases,
      httpStatus: 200,
      bodyCut: true,
    });
    expect(judged(failed('too_many_redirects', 302), null)).to.include({ httpStatus: 302, bodyCut: false });
    expect(judged(failed('connect_refused'), null).httpStatus).to.equal(null);
  });

  it('keeps the result of the search even if the status alone decided', () => {
    expect(judged(answered(500), FOUND)).to.deep.include({ match: FOUND });
  });

  describe('by a target’s own rules', () => {
    const DAY_MS = 86_400_000;
    const certificate: Certificate = {
      expiresAtMs: 5 + 9.5 * DAY_MS,
      host: 'example.org',
      subject: '',
      issuer: '',
      fingerprint: '',
    };
    const slow = { phases: { ...phases, totalUs: 900_001 } };
    const rows: [
      what: string,
      answer: Answer & { kind: 'answered' },
      match: Match | null,
      target: Partial<Target>,
      cause: Cause | 'up',
    ][] = [
      [
        'a status in its ranges',
        anAnswer({ httpStatus: 401 }),
        null,
        {
          acceptedStatuses: [
            [200, 299],
            [401, 401],
          ],
        },
        'up',
      ],
      [
        'a status below 400 outside its ranges',
        anAnswer({ httpStatus: 302 }),
        null,
        { acceptedStatuses: [[200, 299]] },
        'http_status',
      ],
      [
        'a forbidden pattern that is absent',
        anAnswer(),
        ABSENT,
        { pattern: aPattern('a', { mustMatch: false }) },
        'up',
      ],
      [
        'a forbidden pattern that occurs',
        anAnswer(),
        FOUND,
        { pattern: aPattern('a', { mustMatch: false }) },
        'regex_forbidden',
      ],
      [
        'a certificate that is valid long enough',
        anAnswer({ certificate }),
        null,
        { certificateValidityMinMs: 9 * DAY_MS },
        'up',
      ],
      [
        'a certificate that expires too soon',
        anAnswer({ certificate }),
        null,
        { certificateValidityMinMs: 10 * DAY_MS },
        'tls_expires_soon',
      ],
      [
        'a certificate that expires too soon, even if it need not be trusted',
        anAnswer({ certificate }),
        null,
        { certificateValidityMinMs: 10 * DAY_MS, verifiesTls: false },
        'tls_expires_soon',
      ],
      [
        'no certificate, as over plain HTTP',
        anAnswer(),
        null,
        { certificateValidityMinMs: 10 * DAY_MS },
        'up',
      ],
      [
        'exactly its latency limit',
        anAnswer({ phases: { ...phases, totalUs: 900_000 } }),
        null,
        { latencyMaxMs: 900 },
        'up',
      ],
      ['more than its latency limit', anAnswer(slow), null, { latencyMaxMs: 900 }, 'too_slow'],
      [
        'more than its latency limit, because we were held up',
        anAnswer({ ...slow, heldUpMs: 100 }),
        null,
        { latencyMaxMs: 900 },
        'up',
      ],
      [
        'a fault of the website together with one of ours',
        anAnswer(slow),
        OVERRUN,
        { latencyMaxMs: 900 },
        'too_slow',
      ],
    ];
    for (const [what, answer, match, target, cause] of rows) {
      it(`calls ${what} ${cause}`, () => {
        const { verdict } = judged(answer, match, STRICT, target);
        expect(verdict.outcome === 'up' ? 'up' : verdict.cause).to.equal(cause);
      });
    }

    it('counts the days until a certificate expires, and the days since', () => {
      const detailOf = (expiresAtMs: number) =>
        judged(anAnswer({ certificate: { ...certificate, expiresAtMs } }), null, STRICT, {
          certificateValidityMinMs: 10 * DAY_MS,
        }).verdict;
      expect(detailOf(5 + 9.5 * DAY_MS)).to.include({
        detail: 'a certificate of example.org expires in 9 days',
      });
      expect(detailOf(5 - 0.5 * DAY_MS)).to.include({
        detail: 'a certificate of example.org expired 1 day ago',
      });
    });
  });
});
