import { expect } from 'chai';
import { watchWork } from '../../lib/heartbeat/watch-work.ts';
import { aCheck } from '../support/a-check.ts';

describe('The work that the heartbeat watches', () => {
  it('is what the hooks report, by the monotonic clock', () => {
    let nowMs = 0;
    let passCount = 0;
    const { hooks, passes, overdue } = watchWork(() => nowMs);
    hooks.pass({ leases: [aCheck().lease], slotsMissed: 0, nextDueInMs: 1_000_000 });
    passes.subscribe(() => passCount++);
    expect(passCount, 'passes replay').to.equal(1);
    nowMs = 120_001; // its lease expired at 60,000
    expect(overdue()).to.match(/^leased slots are not recorded/);
    hooks.recorded({
      settled: [aCheck()],
      recorded: [],
      transitions: [],
      lostLeaseCount: 0,
      rejectedCount: 0,
    });
    expect(overdue()).to.equal(null);
    hooks.pass({ leases: [], slotsMissed: 0, nextDueInMs: 0 });
    nowMs += 60_001;
    expect(overdue()).to.match(/^due slots are not leased/);
  });
});
