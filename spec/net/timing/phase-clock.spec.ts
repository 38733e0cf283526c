import { expect } from 'chai';
import { startPhaseClock } from '../../../lib/net/timing/phase-clock.ts';

describe('startPhaseClock', () => {
  let nowMs = 0;
  const clockAt = (startMs: number) => {
    nowMs = startMs;
    return startPhaseClock(() => nowMs);
  };

  it('measures each phase from its beginning to the next, in whole microseconds', () => {
    const clock = clockAt(1000);
    clock.enter('dns');
    nowMs = 1000.0015;
    clock.enter('connect');
    nowMs = 1002;
    clock.enter('ttfb');
    nowMs = 1010;
    clock.enter('transfer');
    nowMs = 1011;
    clock.leave();
    expect(clock.phases()).to.deep.equal({
      dnsUs: 1,
      connectUs: 1998,
      tlsUs: null,
      ttfbUs: 8000,
      transferUs: 1000,
      totalUs: 11_000,
    });
  });

  it('adds up the hops, and counts the time between them in the total only', () => {
    const clock = clockAt(0);
    for (const startMs of [0, 10, 20]) {
      nowMs = startMs;
      clock.enter('connect');
      nowMs = startMs + 1;
      clock.leave();
    }
    expect(clock.phases()).to.deep.include({ connectUs: 3000, totalUs: 21_000 });
  });

  it('knows the running phase', () => {
    const clock = clockAt(0);
    expect(clock.current()).to.equal(null);
    clock.enter('tls');
    expect(clock.current()).to.equal('tls');
    clock.leave();
    expect(clock.current()).to.equal(null);
  });
});
