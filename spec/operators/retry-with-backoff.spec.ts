import { expect } from 'chai';
import { defer } from 'rxjs';
import { retryWithBackoff } from '../../lib/operators/retry-with-backoff.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('retryWithBackoff', () => {
  it('waits for the delay of each attempt in a row, and counts from 1 after a value', () => {
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

  it('retries without limit, and completes when told to stop during a wait', () => {
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

  it('lets an attempt under way finish', () => {
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
