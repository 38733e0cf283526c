import { expect } from 'chai';
import { NEVER, of, Subject } from 'rxjs';
import { createLanes, type LaneSettings } from '../../lib/checking/lanes.ts';
import type { Settled } from '../../lib/domain/check/check.ts';
import type { Lease } from '../../lib/domain/check/lease.ts';
import type { Target } from '../../lib/domain/target/target.ts';
import { aCheck } from '../support/a-check.ts';

const leaseOf = (id: string, target: Partial<Target> = {}): Lease => {
  const { lease } = aCheck();
  const url = `https://${id}.example.org/`;
  return { ...lease, target: { ...lease.target, id, url, ...target } };
};

function open(settings: Partial<LaneSettings> = {}) {
  const slowCounts: number[] = [];
  const lanes = createLanes({
    slowLaneSize: 8,
    isCrowded: () => false,
    onSlow: count => void slowCounts.push(count),
    ...settings,
  });
  const tick = (times: number): void => {
    for (let count = 0; count < times; count += 1) lanes.tick();
  };
  /** How each check ended */
  const ends = new Map<string, string>();
  const start = (lease: Lease, check = NEVER as Parameters<typeof lanes.run>[1]) =>
    lanes.run(lease, check).subscribe(({ kind, ...one }) => {
      ends.set(lease.target.id, 'reason' in one ? one.reason : kind);
    });
  return { lanes, tick, start, ends, slowCounts };
}

describe('The lanes', () => {
  it('move a check to the slow lane once it has run for two seconds', () => {
    const { tick, start, slowCounts } = open();
    start(leaseOf('1'));
    tick(19);
    expect(slowCounts).to.deep.equal([]);
    tick(1);
    expect(slowCounts).to.deep.equal([1]);
  });

  it('free the place in the slow lane when its check ends', () => {
    const { tick, start, slowCounts } = open();
    const check = new Subject<Settled>();
    start(leaseOf('1'), check);
    tick(20);
    check.next(aCheck());
    expect(slowCounts).to.deep.equal([1, 0]);
  });

  it('… and when it is aborted', () => {
    const { tick, start, slowCounts } = open();
    const running = start(leaseOf('1'));
    tick(20);
    running.unsubscribe();
    expect(slowCounts).to.deep.equal([1, 0]);
  });

  it('skip a slow check that finds the slow lane full', () => {
    const { tick, start, ends } = open({ slowLaneSize: 1 });
    start(leaseOf('1'));
    start(leaseOf('2'));
    tick(20);
    expect([...ends]).to.deep.equal([['2', 'slow_lane_full']]);
  });

  it('say with it who holds most of the lane', () => {
    const { lanes, tick, start } = open({ slowLaneSize: 1 });
    start(leaseOf('1', { createdBy: 'eve' }));
    let settled: Settled | undefined;
    lanes.run(leaseOf('2'), NEVER).subscribe(one => {
      settled = one;
    });
    tick(20);
    const holdsMost = { createdBy: 'eve', places: 1, host: '1.example.org', hostPlaces: 1 };
    expect(settled).to.deep.include({ kind: 'skipped', reason: 'slow_lane_full', holdsMost });
  });

  it('start a target in the slow lane whose last check was slow, and skip its slot where that is full', () => {
    const { tick, start, ends, slowCounts } = open({ slowLaneSize: 2 });
    const check = new Subject<Settled>();
    start(leaseOf('1'), check);
    tick(20);
    check.next(aCheck());
    start(leaseOf('1'));
    expect(slowCounts).to.deep.equal([1, 0, 1]);
    for (const id of ['2', '3']) start(leaseOf(id));
    tick(20);
    expect([...ends]).to.deep.equal([
      ['1', 'checked'],
      ['3', 'slow_lane_full'],
    ]);
    start(leaseOf('3'));
    expect(ends.get('3')).to.equal('slow_lane_full');
  });

  it('start a target among the quick ones again once it has been quick', () => {
    const { tick, start, slowCounts } = open();
    const check = new Subject<Settled>();
    start(leaseOf('1'), check);
    tick(20);
    check.next(aCheck());
    start(leaseOf('1'), of(aCheck()));
    start(leaseOf('1'));
    expect(slowCounts).to.deep.equal([1, 0, 1, 0]);
  });

  it('move the longest-running checks after 0.2 s while places run short', () => {
    let places = 3;
    const { tick, start } = open({
      isCrowded: () => places > 1,
      onSlow: () => {
        places -= 1;
      },
    });
    for (const id of ['1', '2', '3']) start(leaseOf(id));
    tick(1);
    expect(places).to.equal(3);
    tick(1);
    expect(places).to.equal(1);
  });

  it('skip nothing before two seconds, however short places run', () => {
    const { tick, start, ends } = open({ isCrowded: () => true, slowLaneSize: 1 });
    for (const id of ['1', '2', '3']) start(leaseOf(id));
    tick(19);
    expect(ends.size).to.equal(0);
  });

  it('skip a slot that falls due while the previous check of its target runs', () => {
    const { start, ends } = open();
    start(leaseOf('1'));
    start(leaseOf('1'));
    expect([...ends]).to.deep.equal([['1', 'still_running']]);
  });

  it('replace a running check by that of a newer version of its target', () => {
    const { lanes, tick, start } = open();
    const ended: Settled[] = [];
    lanes.run(leaseOf('1', { version: 1 }), NEVER).subscribe(one => ended.push(one));
    tick(10);
    start(leaseOf('1', { version: 2 }));
    expect(ended.map(one => one.kind === 'skipped' && one.reason)).to.deep.equal(['target_edited']);
    tick(10);
    expect(lanes.longRunning().map(({ target }) => target.version)).to.deep.equal([2]);
  });

  it('know which checks have run for over a second, and skip them by target', () => {
    const { lanes, tick, start, ends } = open();
    start(leaseOf('1'));
    tick(9);
    expect(lanes.longRunning()).to.deep.equal([]);
    tick(1);
    start(leaseOf('2'));
    expect(lanes.longRunning().map(({ target }) => target.id)).to.deep.equal(['1']);
    const { version } = leaseOf('1').target;
    for (const [targetId, of] of [
      ['1', version - 1],
      ['unknown', version],
      ['1', version],
    ] as const)
      lanes.drop({ targetId, version: of, change: 'target_deleted' });
    expect([...ends]).to.deep.equal([['1', 'target_deleted']]);
    expect(lanes.longRunning()).to.deep.equal([]);
  });

  it('never let a lease of an older version replace the check of a newer one', () => {
    const { lanes, tick, start, ends } = open();
    start(leaseOf('1', { version: 2 }));
    tick(10);
    start(leaseOf('1', { version: 1 }));
    expect([...ends]).to.deep.equal([['1', 'target_edited']]);
    expect(lanes.longRunning().map(({ target }) => target.version)).to.deep.equal([2]);
  });

  it('let a target that found the slow lane full eight times show that it is quick again', () => {
    const { tick, start, ends } = open({ slowLaneSize: 1 });
    const check = new Subject<Settled>();
    start(leaseOf('1'), check);
    tick(20);
    check.next(aCheck()); // slow
    start(leaseOf('2'));
    tick(20); // takes the only place
    for (let slots = 0; slots < 8; slots += 1) {
      start(leaseOf('1'), of(aCheck()));
      expect(ends.get('1')).to.equal('slow_lane_full');
    }
    start(leaseOf('1'), of(aCheck()));
    expect(ends.get('1')).to.equal('checked');
    start(leaseOf('1'), of(aCheck()));
    expect(ends.get('1')).to.equal('checked');
  });
});
