import { expect } from 'chai';
import { watchLoad } from '../../lib/checking/watch-load.ts';
import type { Check, Settled } from '../../lib/domain/check/check.ts';
import { aCheck } from '../support/a-check.ts';

const VERDICTS: Readonly<Record<'up' | 'down' | 'unknown', Check['verdict']>> = {
  up: { outcome: 'up' },
  down: { outcome: 'down', cause: 'connect_refused', detail: '' },
  unknown: { outcome: 'unknown', cause: 'resolver_unavailable', detail: '' },
};

describe('watchLoad', () => {
  let nowMs = 0;
  const watch = () => {
    nowMs = 1_000_000;
    const { hooks, load } = watchLoad(() => nowMs);
    const check = (id: string, outcome: keyof typeof VERDICTS, lagMs = 0): void => {
      const made = aCheck({ verdict: VERDICTS[outcome] });
      const lease = { ...made.lease, target: { ...made.lease.target, id }, scheduledAtMs: 5_000 };
      hooks.settled({ ...made, lease, startedAtMs: 5_000 + lagMs } as Settled);
    };
    return { hooks, load, check };
  };

  it('counts the targets that a worker judged in the last minute once each, and those that were down last', () => {
    const { check, load } = watch();
    check('1', 'down');
    check('1', 'up');
    check('2', 'up');
    check('2', 'down');
    check('3', 'unknown');
    expect(load()).to.deep.include({ targetsKnown: 2, targetsDown: 1 });
    nowMs += 59_000;
    check('2', 'down');
    nowMs += 2_000;
    expect(load()).to.deep.include({ targetsKnown: 1, targetsDown: 1, upMs: 61_000 });
  });

  it('knows the worst lag of the last minute, never a negative one', () => {
    const { check, load } = watch();
    check('1', 'up', -5);
    expect(load().lagMs).to.equal(0);
    check('1', 'up', 700);
    nowMs += 30_000;
    check('1', 'up', 20);
    expect(load().lagMs).to.equal(700);
    nowMs += 32_000;
    expect(load().lagMs).to.equal(20);
    nowMs += 62_000;
    expect(load().lagMs).to.equal(0);
  });

  it('tells slow checks from those that take a place', () => {
    const { hooks, load } = watch();
    hooks.occupancy({ running: 5, slow: 2, unrecorded: 9 });
    expect(load()).to.deep.include({ running: 3, slow: 2 });
  });

  it('forgets the targets checked longest ago beyond 100,000', () => {
    const { check, load } = watch();
    for (let id = 0; id < 100_010; id += 1) check(`${id}`, 'up');
    expect(load().targetsKnown).to.equal(100_000);
  });
});
