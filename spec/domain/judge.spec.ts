import { expect } from 'chai';
import type { Answer } from '../../lib/domain/answer.ts';
import { type Cause, DOWN_CAUSES, UNKNOWN_CAUSES } from '../../lib/domain/cause.ts';
import type { Outcome } from '../../lib/domain/check.ts';
import { judge } from '../../lib/domain/judge.ts';
import type { Match } from '../../lib/domain/match.ts';
import { aCheck } from '../support/a-check.ts';

const { lease, phases } = aCheck();
const STRICT = { raiseForStatus: true };
const LENIENT = { raiseForStatus: false };

const answered = (httpStatus: number, bodyCut = false) =>
  ({ kind: 'answered', httpStatus, body: '', bodyCut, phases }) satisfies Answer;
const failed = (cause: Cause, httpStatus: number | null = null) =>
  ({ kind: 'failed', cause, detail: 'as the fetch explained it', httpStatus, phases }) satisfies Answer;

const FOUND: Match = { kind: 'found' };
const ABSENT: Match = { kind: 'absent' };
const INVALID: Match = { kind: 'invalid', detail: 'missing )' };
const TIMED_OUT: Match = { kind: 'timed-out' };

describe('judge', () => {
  const judged = (answer: ReturnType<typeof answered | typeof failed>, match: Match | null, rules = STRICT) =>
    judge({ lease, startedAtMs: 5, answer, match }, rules);

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
    [200, TIMED_OUT, STRICT, 'unknown', 'regex_timeout'],
  ];
  for (const [status, match, rules, outcome, cause] of cases) {
    const pattern = match === null ? 'no pattern' : `a pattern ${match.kind}`;
    const accepting = rules === LENIENT ? ', any status accepted,' : '';
    it(`calls status ${status} with ${pattern}${accepting} ${outcome}${cause === null ? '' : `: ${cause}`}`, () => {
      const { verdict } = judged(answered(status), match, rules);
      expect(verdict).to.include(cause === null ? { outcome } : { outcome, cause });
    });
  }

  it('calls every failure of the website’s down, with the fetch’s own explanation', () => {
    for (const cause of DOWN_CAUSES) {
      const verdict = { outcome: 'down', cause, detail: 'as the fetch explained it' };
      expect(judged(failed(cause), null).verdict).to.deep.equal(verdict);
    }
  });

  it('never calls a fault of ours down: a failure of ours is unknown', () => {
    for (const cause of UNKNOWN_CAUSES) {
      expect(judged(failed(cause), null).verdict).to.include({ outcome: 'unknown', cause });
    }
  });

  it('says of an absent pattern if only a part of the body was read', () => {
    const detailOf = (bodyCut: boolean) => judged(answered(200, bodyCut), ABSENT).verdict;
    expect(detailOf(false)).to.include({ detail: 'the pattern does not occur in the body' });
    expect(detailOf(true)).to.include({
      detail: 'the pattern does not occur in the part of the body that was read',
    });
  });

  it('keeps the slot, the start, the phases, the last status and whether the body was cut', () => {
    expect(judged(answered(200, true), null)).to.deep.include({
      kind: 'checked',
      lease,
      startedAtMs: 5,
      phases,
      httpStatus: 200,
      bodyCut: true,
    });
    expect(judged(failed('too_many_redirects', 302), null)).to.include({ httpStatus: 302, bodyCut: false });
    expect(judged(failed('connect_refused'), null).httpStatus).to.equal(null);
  });

  it('keeps whether the pattern occurs, also where the status alone decided, and null where nobody knows', () => {
    const matches = [FOUND, ABSENT, INVALID, TIMED_OUT, null].map(
      match => judged(answered(500), match).regexMatch,
    );
    expect(matches).to.deep.equal([true, false, null, null, null]);
  });
});
