import { expect } from 'chai';
import { TestScheduler } from 'rxjs/testing';

/** Runs marbles and timers in virtual time, one frame a millisecond. */
export const inVirtualTime = (work: Parameters<TestScheduler['run']>[0]): void => {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).to.deep.equal(expected);
  });
  scheduler.run(work);
};
