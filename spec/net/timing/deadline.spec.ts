import { expect } from 'chai';
import sinon from 'sinon';
import { watchDeadline } from '../../../lib/net/timing/deadline.ts';

describe('watchDeadline', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers();
  });
  afterEach(() => clock.restore());

  const watch = (timeoutMs: number, slackMs: number) => {
    const stop = new AbortController();
    const startedAtMs = performance.now();
    let endedAfterMs: number | undefined;
    stop.signal.addEventListener('abort', () => {
      endedAfterMs = performance.now() - startedAtMs;
    });
    const { end, heldUpMs } = watchDeadline(performance.now() + timeoutMs, slackMs, stop);
    return { end, heldUpMs, reason: () => stop.signal.reason, endedAfterMs: () => endedAfterMs };
  };

  it('ends at the deadline where nothing holds the process up', () => {
    const { end, reason, endedAfterMs } = watch(1_000, 5_000);
    clock.tick(1_050);
    expect(reason()).to.equal('deadline');
    expect(endedAfterMs()).to.be.within(1_000, 1_001);
    end();
  });

  it('has no time to wait for a deadline that has passed', () => {
    const { end, reason } = watch(-1, 5_000);
    expect(reason()).to.equal('worker_stalled');
    end();
  });

  it('puts the deadline off by the time in which the process was held up', () => {
    const { end, reason, heldUpMs, endedAfterMs } = watch(1_000, 5_000);
    clock.tick(500);
    clock.jump(2_000); // every timer fires late
    expect(reason(), 'though the deadline has passed').to.equal(undefined);
    expect(heldUpMs()).to.be.within(1_900, 2_000);
    clock.tick(400);
    expect(reason()).to.equal(undefined);
    clock.tick(200);
    expect(reason()).to.equal('deadline');
    expect(endedAfterMs()).to.be.within(2_900, 3_100);
    end();
  });

  it('puts it off for every time, and by the slack at most', () => {
    const { end, reason } = watch(1_000, 1_000);
    for (let time = 0; time < 3; time++) {
      clock.tick(100);
      clock.jump(500);
    }
    expect(reason()).to.equal(undefined);
    clock.tick(1_000);
    expect(reason(), 'held up for half a second more than it could make up for').to.equal('worker_stalled');
    end();
  });

  it('ignores a delay slightly above the slack', () => {
    const { end, reason } = watch(1_000, 1_000);
    clock.jump(1_150);
    clock.tick(1_000);
    expect(reason()).to.equal('deadline');
    end();
  });

  it('gives no time back without slack', () => {
    const { end, reason } = watch(1_000, 0);
    clock.jump(1_400);
    clock.tick(1);
    expect(reason()).to.equal('worker_stalled');
    end();
  });
});
