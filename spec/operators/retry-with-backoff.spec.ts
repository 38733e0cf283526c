import { expect } from 'chai';
import { defer } from 'rxjs';
import { retryWithBackoff } from '../../lib/operators/retry-with-backoff.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('retryWithBackoff', () => {
  it('waits as long as it is told for each attempt in a row, and counts anew after a value', () => {
    const attempts: number[] = [];
    inVirtualTime(({ cold, expectObservable, flush }) => {
      const runs = ['#', '#', 'a#', '#', 'b|'];
      const source = defer(() => cold(runs.shift() ?? '|'));
      const retried = source.pipe(
        retryWithBackoff(
          attempt => attempt * 2,
          (_error, attempt) => attempts.push(attempt),
        ),
      );
      // waits of 2 and 4, the value and its error a frame later, waits of 2 and 4
      expectObservable(retried).toBe('------a------b|');
      flush();
    });
    expect(attempts).to.deep.equal([1, 2, 1, 2]);
  });

  it('goes on for ever, and ends a wait, by completing, when told', () => {
    inVirtualTime(({ cold, hot, expectObservable }) => {
      const until = hot('-------x');
      const retried = cold('#').pipe(
        retryWithBackoff(
          () => 2,
          () => {},
          until,
        ),
      );
      expectObservable(retried).toBe('-------|');
    });
  });

  it('lets an attempt that is under way finish', () => {
    inVirtualTime(({ cold, hot, expectObservable }) => {
      const until = hot('--x');
      const retried = cold('-----a|').pipe(
        retryWithBackoff(
          () => 2,
          () => {},
          until,
        ),
      );
      expectObservable(retried).toBe('-----a|');
    });
  });
});
