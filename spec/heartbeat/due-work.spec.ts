import { expect } from 'chai';
import type { LeasePass, Recorded } from '../../lib/checking/ports.ts';
import {
  afterPass,
  afterRecording,
  type DueWork,
  NOTHING_DUE,
  overdue,
} from '../../lib/heartbeat/due-work.ts';
import { aCheck } from '../support/a-check.ts';

const MINUTE_MS = 60_000;
const { lease } = aCheck();

const aPass = (
  count: number,
  expiresAtMonotonicMs: number,
  nextDueInMs = Number.POSITIVE_INFINITY,
): LeasePass => ({
  leases: Array.from({ length: count }, () => ({ ...lease, expiresAtMonotonicMs })),
  slotsMissed: 0,
  nextDueInMs,
});

const aRecording = (count: number): Recorded => ({
  settled: Array.from({ length: count }, () => aCheck()),
  recorded: [],
  transitions: [],
  lostLeaseCount: 0,
  rejectedCount: 0,
});

/** The moment up to which nothing is overdue. */
const inTimeUntilMs = (due: DueWork): number => Math.min(due.leaseByMs, due.recordByMs) + MINUTE_MS;

describe('Work is overdue', () => {
  it('never, before the first lease pass', () => {
    expect(overdue(NOTHING_DUE, 1e12)).to.equal(null);
  });

  it('when the next lease pass is a minute late', () => {
    const due = afterPass(NOTHING_DUE, aPass(0, 0, 5_000), 1_000);
    expect(overdue(due, 66_000)).to.equal(null);
    expect(overdue(due, 66_001)).to.equal('due slots are not leased: overdue for 60 s');
    expect(overdue(due, 606_000)).to.equal('due slots are not leased: overdue for 600 s');
  });

  it('never for lack of a lease pass if no slot will ever fall due', () => {
    expect(overdue(afterPass(NOTHING_DUE, aPass(0, 0), 0), 1e12)).to.equal(null);
  });

  it('when nothing was recorded since the lease was taken, a minute after it expired', () => {
    const due = afterPass(NOTHING_DUE, aPass(3, 20_000), 0);
    expect(overdue(due, 80_000)).to.equal(null);
    expect(overdue(due, 80_001)).to.equal('leased slots are not recorded: overdue for 60 s');
  });

  it('by the lease of the slots that wait longest, not by later ones', () => {
    const due = afterPass(afterPass(NOTHING_DUE, aPass(3, 20_000), 0), aPass(2, 50_000), 30_000);
    expect(inTimeUntilMs(due)).to.equal(80_000);
  });

  it('by the latest lease, once something was recorded and more is in hand', () => {
    const leasedTwice = afterPass(afterPass(NOTHING_DUE, aPass(3, 20_000), 0), aPass(2, 50_000), 30_000);
    expect(inTimeUntilMs(afterRecording(leasedTwice, aRecording(3)))).to.equal(110_000);
  });

  it('no longer, once all that was leased is recorded or returned', () => {
    const due = afterRecording(afterPass(NOTHING_DUE, aPass(3, 20_000), 0), aRecording(3));
    expect(overdue(due, 1e12)).to.equal(null);
  });

  it('again after that, by the next lease', () => {
    const idle = afterRecording(afterPass(NOTHING_DUE, aPass(3, 20_000), 0), aRecording(3));
    expect(inTimeUntilMs(afterPass(idle, aPass(1, 90_000), 70_000))).to.equal(150_000);
  });
});
