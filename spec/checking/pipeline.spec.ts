import { expect } from 'chai';
import { defer, map, NEVER, type Observable, of, ReplaySubject, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { monitor, type PipelineSettings } from '../../lib/checking/pipeline.ts';
import type { LeasePass, Ports } from '../../lib/checking/ports.ts';
import type { Settled } from '../../lib/domain/check/check.ts';
import type { Lease } from '../../lib/domain/check/lease.ts';
import type { Occupancy } from '../../lib/domain/occupancy.ts';
import { aCheck } from '../support/a-check.ts';
import { anAnswer } from '../support/an-answer.ts';

/** How the world around the pipeline behaves, in virtual time: one frame is one millisecond. */
interface World {
  /** When slots fall due */
  readonly dueAtMs: readonly number[];
  readonly wakeUps?: string;
  readonly stopping?: string;
  readonly aborting?: string;
  readonly leaseTakesMs?: number;
  readonly fetchTakesMs?: number | ((lease: number) => number);
  readonly recordTakesMs?: number;
  /** The database answers no recording between these two moments */
  readonly recordingStalls?: readonly [number, number];
  readonly leaseLastsMs?: number;
  readonly fetch?: Ports['fetch'];
  readonly settings?: Partial<PipelineSettings>;
  /** Whether a lease pass reports when the next slot is due, as the database does; default true */
  readonly tellsNextDue?: boolean;
  readonly untilMs?: number;
}

const ANSWER = anAnswer();

const SETTINGS: PipelineSettings = {
  workerNumber: 4,
  queueSize: 10,
  batchSize: 4,
  raiseForStatus: true,
  confirm: 0,
  leadMs: 0,
  paceMs: 0,
  lingerMs: 1,
};

/** Replays to late subscribers, as the ports promise. */
const replayed = (signal: Observable<string>): Observable<string> => {
  const told = new ReplaySubject<string>(1);
  signal.subscribe(told);
  return told;
};

function live(world: World) {
  const passes: { readonly atMs: number; readonly leasesMax: number; readonly leased: number }[] = [];
  const startedAtMs: number[] = [];
  const measured: Settled[] = [];
  const all: Settled[] = [];
  const recordedBatches: { readonly atMs: number; readonly count: number }[] = [];
  const occupancies: Occupancy[] = [];
  let completedAtMs: number | null = null;

  const scheduler = new TestScheduler(() => {});
  scheduler.run(({ hot, flush }) => {
    const now = () => scheduler.now();
    const waiting = [...world.dueAtMs].map((dueAtMs, index) => ({ dueAtMs, id: String(index) }));

    const lease = (leasesMax: number): Observable<LeasePass> =>
      timer(world.leaseTakesMs ?? 1).pipe(
        map(() => {
          const due = waiting.filter(({ dueAtMs }) => dueAtMs <= now()).slice(0, leasesMax);
          for (const one of due) waiting.splice(waiting.indexOf(one), 1);
          passes.push({ atMs: now(), leasesMax, leased: due.length });
          const next = Math.min(...waiting.map(({ dueAtMs }) => dueAtMs)) - now();
          const leases = due.map(({ dueAtMs, id }): Lease => {
            const { lease } = aCheck({ scheduledAtMs: dueAtMs });
            const expiresAtMonotonicMs = now() + (world.leaseLastsMs ?? 60_000);
            return { ...lease, target: { ...lease.target, id }, expiresAtMonotonicMs };
          });
          const isFull = due.length === leasesMax;
          const tellsNextDue = world.tellsNextDue ?? true;
          return {
            leases,
            slotsMissed: 0,
            nextDueInMs: tellsNextDue ? (isFull ? 0 : Math.max(1, next)) : Number.POSITIVE_INFINITY,
          };
        }),
      );
    const fetchTakesMs = world.fetchTakesMs ?? 5;
    const fetch: Ports['fetch'] = target =>
      defer(() => {
        startedAtMs.push(now());
        const takesMs = typeof fetchTakesMs === 'number' ? fetchTakesMs : fetchTakesMs(Number(target.id));
        return timer(takesMs).pipe(map(() => ANSWER));
      });
    const record: Ports['record'] = settled =>
      defer(() => {
        const [from, until] = world.recordingStalls ?? [0, 0];
        const stallMs = now() >= from && now() < until ? until - now() : 0;
        return timer(stallMs + (world.recordTakesMs ?? 1));
      }).pipe(
        map(() => {
          all.push(...settled);
          recordedBatches.push({ atMs: now(), count: settled.length });
          const recorded = settled.filter(one => one.kind === 'checked');
          return { settled, recorded, transitions: [], lostLeaseCount: 0, rejectedCount: 0 };
        }),
      );

    const ports: Ports = {
      wakeUps: world.wakeUps === undefined ? NEVER : hot(world.wakeUps),
      stopping: replayed(hot(world.stopping ?? `${world.untilMs ?? 200}ms x`)),
      aborting: world.aborting === undefined ? NEVER : replayed(hot(world.aborting)),
      lease,
      fetch: world.fetch ?? fetch,
      match: () => Promise.reject(new Error('no pattern is looked for here')),
      record,
      hooks: {
        occupancy: occupancy => void occupancies.push(occupancy),
        pass: () => {},
        started: () => {},
        confirming: () => {},
        settled: one => void measured.push(one),
        recorded: () => {},
      },
      monotonicMs: now,
    };
    monitor(ports, { ...SETTINGS, ...world.settings }).subscribe({
      complete: () => {
        completedAtMs = now();
      },
    });
    flush();
  });
  return { passes, startedAtMs, measured, recorded: all, recordedBatches, occupancies, completedAtMs };
}

describe('The pipeline', () => {
  it('looks for due work as soon as it starts', () => {
    const { startedAtMs, recorded } = live({ dueAtMs: [0] });
    expect(startedAtMs).to.deep.equal([1]);
    expect(recorded).to.have.length(1);
  });

  it('sleeps until the next slot is due, without looking in between', () => {
    const { passes, startedAtMs } = live({ dueAtMs: [50, 120] });
    expect(startedAtMs).to.deep.equal([51, 121]);
    expect(passes).to.have.length(3);
  });

  it('looks at once when woken, whatever its timer says', () => {
    const { startedAtMs } = live({ dueAtMs: [30], tellsNextDue: false, wakeUps: '30ms x' });
    expect(startedAtMs).to.deep.equal([31]);
  });

  it('never loses a wake-up that arrives while a lease query runs', () => {
    // due at 6; woken at 2 and at 6, each time while a query runs
    const { passes, startedAtMs } = live({
      dueAtMs: [6],
      leaseTakesMs: 5,
      tellsNextDue: false,
      wakeUps: '--x---x',
    });
    expect(passes.map(({ atMs }) => atMs)).to.deep.equal([5, 10, 15].slice(0, passes.length));
    expect(startedAtMs).to.deep.equal([10]);
  });

  it('never loses a wake-up that arrives while every place is taken: a freed place wakes it', () => {
    const dueAtMs = [0, 0, 0, 0, 10];
    const { startedAtMs } = live({ dueAtMs, fetchTakesMs: 40, tellsNextDue: false, wakeUps: '10ms x' });
    expect(startedAtMs).to.deep.equal([1, 1, 1, 1, 42]);
  });

  it('runs every slot once, however many fall due together', () => {
    const dueAtMs = Array.from({ length: 100 }, (_, index) => index % 7);
    const { recorded, measured, completedAtMs } = live({ dueAtMs, untilMs: 1_000 });
    expect(new Set(recorded.map(({ lease }) => lease.target.id)).size).to.equal(100);
    expect(recorded).to.have.length(100);
    expect(measured).to.have.members(recorded);
    expect(completedAtMs).to.equal(1_000);
  });

  it('leases no more slots than there are free places, and none without room', () => {
    const dueAtMs = Array.from({ length: 50 }, () => 0);
    const { passes, occupancies } = live({ dueAtMs, fetchTakesMs: id => 3 + (id % 5), untilMs: 1_000 });
    expect(Math.max(...occupancies.map(({ running }) => running))).to.equal(4);
    expect(passes.every(({ leasesMax }) => leasesMax >= 1 && leasesMax <= 4)).to.equal(true);
  });

  it('stops leasing at the bound while the database records nothing, and resumes by itself', () => {
    const dueAtMs = Array.from({ length: 60 }, (_, index) => index);
    const { occupancies, startedAtMs, recorded } = live({
      dueAtMs,
      recordingStalls: [0, 500],
      untilMs: 2_000,
    });
    expect(Math.max(...occupancies.map(({ running, unrecorded }) => running + unrecorded))).to.equal(10);
    expect(startedAtMs.filter(atMs => atMs < 500)).to.have.length(10);
    expect(recorded).to.have.length(60);
  });

  it('leases again once an eighth of the places is free, not at the first one', () => {
    const dueAtMs = Array.from({ length: 64 }, () => 0);
    const limits = { workerNumber: 32, queueSize: 100, batchSize: 32 };
    const { passes } = live({ dueAtMs, fetchTakesMs: id => 20 + id, settings: limits, untilMs: 500 });
    for (const { leasesMax } of passes) expect(leasesMax).to.be.at.least(4);
  });

  it('leases slots together that fall due within the pace', () => {
    const dueAtMs = [0, 11, 12, 13, 14, 40];
    const { passes } = live({ dueAtMs, settings: { paceMs: 20, workerNumber: 8, batchSize: 8 } });
    expect(passes.map(({ leased }) => leased).filter(leased => leased > 0)).to.deep.equal([1, 4, 1]);
  });

  it('lets no wake-up wait for the pace', () => {
    const { startedAtMs } = live({ dueAtMs: [0, 10], wakeUps: '10ms x', settings: { paceMs: 50 } });
    expect(startedAtMs).to.deep.equal([1, 11]);
  });

  it('records checks together that finish within the linger, one batch at a time', () => {
    const { recordedBatches } = live({
      dueAtMs: [0, 0, 0, 0],
      fetchTakesMs: id => [5, 6, 10, 30][id] ?? 0,
      recordTakesMs: 20,
      settings: { lingerMs: 8 },
    });
    expect(recordedBatches).to.deep.equal([
      { atMs: 1 + 5 + 8 + 20, count: 3 },
      { atMs: 1 + 5 + 8 + 20 + 8 + 20, count: 1 }, // it came while the first was being recorded
    ]);
  });

  it('after a stop finishes and records what is leased, leases nothing more, and completes', () => {
    const { startedAtMs, recorded, completedAtMs } = live({
      dueAtMs: [0, 0, 30],
      fetchTakesMs: 50,
      stopping: '20ms x',
    });
    expect(startedAtMs).to.have.length(2);
    expect(recorded.map(({ kind }) => kind)).to.deep.equal(['checked', 'checked']);
    expect(completedAtMs).to.be.within(51, 60);
  });

  it('leases nothing after a stop, even if a wake-up is still owed', () => {
    // woken at 2, during the first lease query; stopped at 4, before it answers at 10
    const { passes, startedAtMs } = live({
      dueAtMs: [0, 0, 5],
      leaseTakesMs: 10,
      wakeUps: '--x',
      stopping: '4ms x',
    });
    expect(passes.map(({ atMs }) => atMs)).to.deep.equal([10]);
    expect(startedAtMs).to.deep.equal([10, 10, 10]); // what that query had leased is still run
  });

  it('returns slots that are leased after the abort by a query under way', () => {
    const { recorded, completedAtMs } = live({
      dueAtMs: [0],
      leaseTakesMs: 50,
      fetchTakesMs: 100_000,
      stopping: '10ms x',
      aborting: '20ms x',
    });
    expect(recorded.map(({ kind }) => kind)).to.deep.equal(['returned']);
    expect(completedAtMs).to.be.within(50, 60);
  });

  it('records larger batches when recording slows, so a slow database costs delay, not throughput', () => {
    const dueAtMs = Array.from({ length: 600 }, (_, index) => index * 5);
    const limits = { workerNumber: 256, queueSize: 2_000, batchSize: 200, lingerMs: 50 };
    const { recordedBatches, recorded } = live({
      dueAtMs,
      recordTakesMs: 300,
      settings: limits,
      untilMs: 3_000,
    });
    expect(recorded).to.have.length(600);
    expect(Math.max(...recordedBatches.map(({ count }) => count))).to.be.at.least(60);
    expect(recordedBatches.at(-1)?.atMs).to.be.below(4_000);
  });

  it('on abort gives back what still runs, and completes', () => {
    const { recorded, measured, completedAtMs } = live({
      dueAtMs: [0, 0],
      fetchTakesMs: id => (id === 0 ? 5 : 100_000),
      stopping: '10ms x',
      aborting: '30ms x',
    });
    expect(recorded.map(({ kind, lease }) => [lease.target.id, kind])).to.deep.equal([
      ['0', 'checked'],
      ['1', 'returned'],
    ]);
    expect(measured).to.have.length(2);
    expect(completedAtMs).to.be.within(31, 40);
  });

  it('starts no fetch whose deadline lies beyond the lease', () => {
    const { startedAtMs, recorded } = live({ dueAtMs: [0], leaseLastsMs: 9_999 });
    expect(startedAtMs).to.deep.equal([]);
    expect(recorded).to.have.length(1);
    expect(recorded[0]).to.deep.include({ kind: 'returned', reason: 'lease_too_short' });
  });

  it('looks at once for slots that it gave back, though a lease pass in the same moment knows of none', () => {
    // leased at 2, returned at once, and given back at 6, just before the pass that was asked for at 4 answers
    const { passes } = live({
      dueAtMs: [0],
      leaseLastsMs: 1,
      leaseTakesMs: 2,
      tellsNextDue: false,
      wakeUps: '4ms x',
      recordTakesMs: 3,
    });
    expect(passes.map(({ atMs }) => atMs)).to.deep.equal([2, 6, 8]);
  });

  it('frees the place of a check that is slow', () => {
    const { startedAtMs } = live({
      dueAtMs: [0, 0, 0, 0, 10],
      fetchTakesMs: 5_000,
      leaseLastsMs: 60_000,
      untilMs: 6_000,
      settings: { slowLaneSize: 16 },
    });
    expect(startedAtMs).to.have.length(5);
    expect(startedAtMs.at(-1)).to.be.within(200, 400); // places were short
  });

  it('goes on when a fetch errors against its promise, and blames us, not the website', () => {
    const fetch: Ports['fetch'] = target =>
      target.id === '0' ? throwError(() => new TypeError('a bug')) : of(ANSWER);
    const { recorded } = live({ dueAtMs: [0, 0], fetch });
    const verdicts = recorded.map(one => one.kind === 'checked' && one.verdict.outcome);
    expect(verdicts).to.deep.equal(['unknown', 'up']);
  });
});
