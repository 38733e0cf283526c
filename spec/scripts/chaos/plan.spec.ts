import { expect } from 'chai';
import {
  type FaultKind,
  planStrikes,
  SHARED_FAULTS,
  type Strike,
  WORKER_FAULTS,
} from '../../../scripts/chaos/plan.ts';
import { seededRandom } from '../../../scripts/support/random.ts';

const SETTINGS = { workers: 3, leaseMs: 5_000, outageMsMax: 20_000 };
const KINDS: readonly FaultKind[] = [...WORKER_FAULTS, ...SHARED_FAULTS];

const strikesOf = (seed: number, count: number): Strike[] => {
  const plan = planStrikes(seededRandom(seed), SETTINGS);
  return Array.from({ length: count }, () => plan.next().value);
};

describe('planStrikes', () => {
  it('plans the same again from the same seed, and something else from another', () => {
    expect(strikesOf(7, 40)).to.deep.equal(strikesOf(7, 40));
    expect(strikesOf(7, 40)).to.not.deep.equal(strikesOf(8, 40));
  });

  it('has every kind of fault once in each round, each round in another order', () => {
    const led = strikesOf(1, 3 * KINDS.length).map(({ faults }) => faults[0]?.kind);
    const rounds = [0, 1, 2].map(round => led.slice(round * KINDS.length, (round + 1) * KINDS.length));
    for (const round of rounds) expect(round).to.have.members(KINDS);
    expect(new Set(rounds.map(round => round.join()))).to.have.property('size', 3);
  });

  it('makes about every fourth strike one of two faults, to a worker and to what all share', () => {
    const strikes = strikesOf(1, 1_000);
    const pairs = strikes.filter(({ faults }) => faults.length === 2);
    expect(pairs.length).to.be.within(200, 300);
    for (const { faults } of pairs) expect(faults.filter(({ worker }) => worker !== null)).to.have.length(1);
  });

  it('spares no worker, and names none that there is not', () => {
    const workers = strikesOf(1, 1_000).flatMap(({ faults }) => faults.map(({ worker }) => worker));
    expect([...new Set(workers)]).to.have.members([0, 1, 2, null]);
  });

  it('pauses workers for longer than a lease, and stops the database for no longer than it may', () => {
    const faults = strikesOf(1, 1_000).flatMap(({ faults }) => faults);
    const holdsMs = (kind: FaultKind): readonly number[] =>
      faults.filter(fault => fault.kind === kind).map(({ holdMs }) => holdMs);
    expect(Math.min(...holdsMs('pause-worker'))).to.be.at.least(SETTINGS.leaseMs + 1_000);
    expect(Math.max(...holdsMs('stop-database'))).to.be.at.most(SETTINGS.outageMsMax);
  });
});
