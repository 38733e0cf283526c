import { expect } from 'chai';
import { firstValueFrom, NEVER, of, Subject, throwError } from 'rxjs';
import { combineHooks } from '../../../lib/checking/combine-hooks.ts';
import { guardedMonitor } from '../../../lib/checking/guards/guarded-monitor.ts';
import type { Ports, Recorded } from '../../../lib/checking/ports.ts';
import type { Settled } from '../../../lib/domain/check/check.ts';
import type { Lease } from '../../../lib/domain/check/lease.ts';
import { answered } from '../../../lib/domain/check/make-answer.ts';
import { PACE } from '../../../lib/domain/pace.ts';
import { aCheck } from '../../support/a-check.ts';
import { failureOf } from '../../support/failure-of.ts';

const SETTINGS = { workerNumber: 4, batchSize: 4, queueSize: 8, confirm: 0, raiseForStatus: true, ...PACE };
const lease: Lease = {
  ...aCheck().lease,
  expiresAtMonotonicMs: Number.POSITIVE_INFINITY,
  attemptsEndMonotonicMs: Number.POSITIVE_INFINITY,
  databaseClockOffsetMs: performance.timeOrigin,
  scheduledAtMs: 0,
};
const leases = [lease, { ...lease }];

describe('Leases are given back', () => {
  let settled: (Settled | undefined)[];
  let wakeUps: Subject<void>;
  let ports: Ports;
  beforeEach(() => {
    settled = [];
    wakeUps = new Subject();
    const recorded = (all: readonly Settled[]): Recorded => {
      settled.push(...all);
      return { settled: all, recorded: [], transitions: [], lostLeaseCount: 0, rejectedCount: 0 };
    };
    let passes = 0;
    ports = {
      wakeUps,
      lease: () => of({ leases: passes++ === 0 ? leases : [], slotsMissed: 0, nextDueInMs: 60_000 }),
      fetch: () => NEVER,
      match: async () => ({ kind: 'found' }),
      record: all => of(recorded(all)),
      hooks: combineHooks(),
      stopping: NEVER,
      aborting: NEVER,
      monotonicMs: () => performance.now(),
    };
  });
  const returned = leases.map(one => ({ kind: 'returned', lease: one, reason: 'shutdown' }));

  it('before the stream errors, when a port breaks its promise', async () => {
    const failing = failureOf(firstValueFrom(guardedMonitor(ports, SETTINGS)));
    wakeUps.error(new Error('no more wake-ups'));
    expect((await failing).message).to.equal('no more wake-ups');
    expect(settled).to.deep.equal(returned);
  });

  it('when it is unsubscribed without being aborted', () => {
    guardedMonitor(ports, SETTINGS).subscribe().unsubscribe();
    expect(settled).to.deep.equal(returned);
  });

  it('but none that is being recorded', async () => {
    const record: Ports['record'] = all => {
      settled.push(...all);
      return throwError(() => new Error('no such table'));
    };
    const fetch = () => of(answered({ httpStatus: 200 }));
    const failing = firstValueFrom(guardedMonitor({ ...ports, fetch, record }, SETTINGS));
    expect((await failureOf(failing)).message).to.equal('no such table');
    expect(settled.map(one => one?.kind)).to.deep.equal(['checked', 'checked']);
  });

  it('unless nothing ends: a hook that throws is a warning of the process, once', async () => {
    const warned = new Promise<Error>(resolve => process.once('warning', resolve));
    const started = () => {
      throw new Error('boom');
    };
    const fetch = () => of(answered({ httpStatus: 200 }));
    const hooks = { ...combineHooks(), started };
    await firstValueFrom(guardedMonitor({ ...ports, fetch, hooks }, SETTINGS));
    expect(settled.map(one => one?.kind)).to.deep.equal(['checked', 'checked']);
    expect((await warned).message).to.equal('the hook started threw: boom');
  });

  for (const [settings, says] of [
    [{ workerNumber: 0 }, 'workerNumber: must be a whole number from 1'],
    [
      { batchSize: Number.NaN, confirm: 1.5 },
      /^batchSize: .* from 1; confirm: must be a whole number from 0$/,
    ],
    [{ confirm: -1 }, 'confirm: must be a whole number from 0'],
    [{ lingerMs: Number.NaN }, 'lingerMs: must be milliseconds from 0'],
  ] as const) {
    it(`and none is leased under invalid settings: ${says}`, () => {
      expect(() => guardedMonitor(ports, { ...SETTINGS, ...settings })).to.throw(RangeError, says);
    });
  }
});
