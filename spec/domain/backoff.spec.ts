import { expect } from 'chai';
import { backoffMs, DATABASE_BACKOFF } from '../../lib/domain/backoff.ts';

const BACKOFF = { firstMs: 100, ceilingMs: 5_000 };
const MIDDLE = 0.5;
const ALMOST_ONE = 1 - Number.EPSILON;

describe('backoffMs', () => {
  for (const [attempt, expectedMs] of [
    [1, 100],
    [2, 200],
    [3, 400],
    [6, 3_200],
    [7, 5_000],
    [8, 5_000],
    [1_000_000, 5_000],
  ] as const) {
    it(`is ${expectedMs} ms before retry ${attempt}: doubled each time, up to the ceiling`, () => {
      expect(backoffMs(BACKOFF, attempt, MIDDLE)).to.be.closeTo(expectedMs, 1e-6);
    });
  }

  it('spreads by a tenth either way, at the ceiling too, so workers do not come back in step', () => {
    for (const [attempt, aboutMs] of [
      [1, 100],
      [100, 5_000],
    ] as const) {
      expect(backoffMs(BACKOFF, attempt, 0)).to.be.closeTo(aboutMs * 0.9, 1e-6);
      expect(backoffMs(BACKOFF, attempt, ALMOST_ONE)).to.be.closeTo(aboutMs * 1.1, 1e-6);
    }
  });

  it('reaches a database within seconds of its return, however long the outage', () => {
    expect(backoffMs(DATABASE_BACKOFF, Number.MAX_SAFE_INTEGER, ALMOST_ONE)).to.be.at.most(5_500);
  });

  it('has no delay before the first attempt, which is no retry', () => {
    expect(() => backoffMs(BACKOFF, 0, MIDDLE)).to.throw(RangeError, 'attempt must be 1 or more, not 0');
  });
});
