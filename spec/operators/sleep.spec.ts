import { expect } from 'chai';
import { takeUntil, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { sleep } from '../../lib/operators/sleep.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('sleep', () => {
  const DAY_MS = 86_400_000;
  for (const durationMs of [0, 1, 1_000, 2 ** 31 - 1, 2 ** 31, 30 * DAY_MS, 100 * DAY_MS]) {
    it(`emits once, after ${durationMs} ms`, () => {
      const scheduler = new TestScheduler(() => {});
      scheduler.run(({ flush }) => {
        const woken: number[] = [];
        sleep(durationMs).subscribe(() => woken.push(scheduler.now()));
        flush();
        expect(woken).to.deep.equal([durationMs]);
      });
    });
  }

  it('emits at once for a moment in the past', () => {
    inVirtualTime(({ expectObservable }) => expectObservable(sleep(-5)).toBe('(a|)', { a: 0 }));
  });

  it('never emits for an infinite duration', () => {
    const scheduler = new TestScheduler(() => {});
    scheduler.run(({ flush }) => {
      let hasWoken = false;
      sleep(Number.POSITIVE_INFINITY)
        .pipe(takeUntil(timer(1_000 * DAY_MS)))
        .subscribe(() => {
          hasWoken = true;
        });
      flush();
      expect(hasWoken).to.equal(false);
      expect(scheduler.now()).to.be.at.least(1_000 * DAY_MS);
    });
  });
});
