import { expect } from 'chai';
import { countEachMinute } from '../../lib/app/count-each-minute.ts';

describe('Events that must not flood the log', () => {
  it('are reported at once, then once a minute with how many there were', () => {
    let nowMs = 5_000;
    const count = countEachMinute(() => nowMs);
    expect([count(), count(), count()]).to.deep.equal([1, 0, 0]);
    nowMs += 59_999;
    expect(count()).to.equal(0);
    nowMs += 1;
    expect(count()).to.equal(4);
  });
});
