import { expect } from 'chai';
import {
  EMPTY,
  finalize,
  lastValueFrom,
  NEVER,
  type Observable,
  of,
  Subject,
  throwError,
  toArray,
} from 'rxjs';
import sinon from 'sinon';
import { checkSlot } from '../../lib/checking/check-slot.ts';
import { combineHooks } from '../../lib/checking/combine-hooks.ts';
import type { Ports } from '../../lib/checking/ports.ts';
import type { Answer } from '../../lib/domain/check/answer.ts';
import type { Settled } from '../../lib/domain/check/check.ts';
import type { Lease } from '../../lib/domain/check/lease.ts';
import { type Match, OVERRUNS_MAX } from '../../lib/domain/check/match.ts';
import type { Pattern } from '../../lib/domain/target/target.ts';
import { aCheck } from '../support/a-check.ts';
import { aPattern } from '../support/a-target.ts';
import { aFailure, anAnswer } from '../support/an-answer.ts';

const FOUND: Match = { kind: 'found' };
const RULES = { raiseForStatus: true, confirm: 0 };
const NOW_MS = 50_000;
const TIMEOUT_MS = 10_000;
const ANSWERED = anAnswer({ body: 'hello' });
const REFUSED = aFailure('connect_refused');

/** No time to spare beyond one attempt. */
const ENDS = { expiresAtMonotonicMs: NOW_MS + TIMEOUT_MS, attemptsEndMonotonicMs: NOW_MS + TIMEOUT_MS };

type Overrides = Partial<Lease> & { readonly pattern?: Pattern };

const aLease = ({ pattern, ...more }: Overrides = {}): Lease => {
  const { lease } = aCheck();
  const target = { ...lease.target, timeoutMs: TIMEOUT_MS, pattern: pattern ?? null };
  return { ...lease, target, scheduledAtMs: NOW_MS, ...ENDS, ...more };
};

describe('checkSlot', () => {
  const portsThat = (does: { fetch?: Observable<Answer>; aborting?: Observable<unknown> } = {}) => ({
    fetch: sinon.fake((..._: Parameters<Ports['fetch']>) => does.fetch ?? of(ANSWERED)),
    match: sinon.fake.resolves(FOUND),
    hooks: { ...combineHooks(), started: sinon.fake(), confirming: sinon.fake() },
    stopping: NEVER as Observable<unknown>,
    aborting: does.aborting ?? NEVER,
    monotonicMs: () => NOW_MS,
  });
  /** Returns the one value that it emits. */
  const settle = async (ports: ReturnType<typeof portsThat>, lease = aLease()): Promise<Settled> => {
    const emitted = await lastValueFrom(checkSlot(ports, RULES)(lease).pipe(toArray()));
    expect(emitted).to.have.length(1);
    return emitted[0] as Settled;
  };

  it('does nothing until it is subscribed to', () => {
    const ports = portsThat();
    checkSlot(ports, RULES)(aLease());
    sinon.assert.notCalled(ports.fetch);
  });

  it('gives the fetch the whole timeout and dates the check by the database’s clock', async () => {
    const ports = portsThat();
    const lease = aLease({ databaseClockOffsetMs: 1_767_225_000_000, scheduledAtMs: 1_767_225_050_000 });
    expect(await settle(ports, lease)).to.deep.include({
      kind: 'checked',
      verdict: { outcome: 'up' },
      startedAtMs: 1_767_225_050_000,
    });
    sinon.assert.calledOnceWithExactly(ports.fetch, lease.target, NOW_MS + TIMEOUT_MS, true, 0, lease);
    sinon.assert.calledOnceWithExactly(ports.hooks.started, lease);
  });

  describe('lets an attempt wait past its deadline for as long as this process was held up', () => {
    const slackOf = async (attemptsEndMonotonicMs: number, timeoutMs = TIMEOUT_MS) => {
      const ports = portsThat();
      const lease = aLease({ attemptsEndMonotonicMs, expiresAtMonotonicMs: Number.POSITIVE_INFINITY });
      await settle(ports, { ...lease, target: { ...lease.target, timeoutMs } });
      return ports.fetch.firstCall.args[3];
    };

    it('by 5 seconds at most', async () => {
      expect(await slackOf(Number.POSITIVE_INFINITY)).to.equal(5_000);
    });

    it('by one timeout at most', async () => {
      expect(await slackOf(Number.POSITIVE_INFINITY, 300)).to.equal(300);
    });

    it('by what the lease has to spare', async () => {
      expect(await slackOf(NOW_MS + TIMEOUT_MS + 700)).to.equal(700);
      expect(await slackOf(NOW_MS)).to.equal(0);
    });

    it('and leaves the attempts that confirm it their whole timeout', async () => {
      const ports = portsThat({ fetch: of(REFUSED) });
      const lease = aLease({
        attemptsEndMonotonicMs: NOW_MS + 2 * TIMEOUT_MS + 700,
        expiresAtMonotonicMs: Number.POSITIVE_INFINITY,
      });
      await lastValueFrom(checkSlot(ports, { ...RULES, confirm: 1 })(lease));
      expect(ports.fetch.getCalls().map(({ args }) => args[3])).to.deep.equal([700, 5_000]);
    });
  });

  it('lets the search wait for as long as the lease has to spare beside the attempts left', async () => {
    const slackOfSearch = async (confirm: number) => {
      const ports = portsThat();
      const lease = aLease({
        pattern: { text: 'a', mustMatch: true, problem: null, overruns: 0 },
        attemptsEndMonotonicMs: NOW_MS + TIMEOUT_MS + 700,
        expiresAtMonotonicMs: Number.POSITIVE_INFINITY,
      });
      await lastValueFrom(checkSlot(ports, { ...RULES, confirm })(lease));
      return ports.match.firstCall.args[2];
    };
    expect(await slackOfSearch(1), 'as it confirms, if it has to').to.equal(700);
    expect(await slackOfSearch(0), 'as the whole lease is its own').to.equal(5_000);
  });

  describe('waits until a slot that was leased ahead falls due', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
      clock = sinon.useFakeTimers({ now: 0 });
    });
    afterEach(() => clock.restore());

    const IN_200_MS = aLease({
      scheduledAtMs: NOW_MS + 200,
      expiresAtMonotonicMs: Number.POSITIVE_INFINITY,
    });
    const begin = (stopping: Observable<unknown> = NEVER) => {
      const ports = { ...portsThat(), stopping, monotonicMs: () => NOW_MS + clock.now };
      const settled: Settled[] = [];
      checkSlot(ports, RULES)(IN_200_MS).subscribe(one => settled.push(one));
      return { ports, settled };
    };

    it('by the database’s clock, and never starts early', () => {
      const { ports } = begin();
      clock.tick(200);
      sinon.assert.notCalled(ports.fetch);
      clock.tick(1); // a timer may fire up to 1 ms early
      const deadlineMs = NOW_MS + 201 + TIMEOUT_MS;
      sinon.assert.calledOnceWithExactly(ports.fetch, IN_200_MS.target, deadlineMs, true, 0, IN_200_MS);
    });

    it('and returns it if the stop comes first', () => {
      const stopping = new Subject<void>();
      const { ports, settled } = begin(stopping);
      clock.tick(100);
      stopping.next();
      expect(settled).to.deep.equal([{ kind: 'returned', lease: IN_200_MS, reason: 'shutdown' }]);
      clock.tick(1_000);
      sinon.assert.notCalled(ports.fetch);
    });
  });

  it('starts no fetch whose deadline lies beyond the lease', async () => {
    const ports = portsThat();
    const lease = aLease({ expiresAtMonotonicMs: NOW_MS + TIMEOUT_MS - 1 });
    expect(await settle(ports, lease)).to.deep.equal({ kind: 'returned', lease, reason: 'lease_too_short' });
    sinon.assert.notCalled(ports.fetch);
    sinon.assert.notCalled(ports.hooks.started);
  });

  describe('searches the body', () => {
    it('for the pattern', async () => {
      const ports = portsThat();
      expect(await settle(ports, aLease({ pattern: aPattern('h.l') }))).to.deep.include({ match: FOUND });
      sinon.assert.calledOnceWithExactly(ports.match, 'h.l', 'hello', 5_000);
    });

    it('but not for a pattern known to be invalid, and repeats why', async () => {
      const ports = portsThat();
      const pattern = aPattern('(', { problem: 'missing )' });
      const settled = await settle(ports, aLease({ pattern }));
      expect(settled).to.deep.include({
        verdict: { outcome: 'unknown', cause: 'regex_invalid', detail: 'missing )' },
      });
      sinon.assert.notCalled(ports.match);
    });

    it('but not for a pattern that was set aside after too many overruns', async () => {
      const ports = portsThat();
      const pattern = aPattern('a*b', { problem: 'set aside', overruns: OVERRUNS_MAX });
      const settled = await settle(ports, aLease({ pattern }));
      expect(settled).to.deep.include({
        verdict: { outcome: 'unknown', cause: 'regex_set_aside', detail: 'set aside' },
      });
      sinon.assert.notCalled(ports.match);
    });

    for (const [why, lease, answer] of [
      ['there is no pattern', aLease(), ANSWERED],
      ['there is no body', aLease({ pattern: aPattern('h.l') }), REFUSED],
    ] as const) {
      it(`but not if ${why}`, async () => {
        const ports = portsThat({ fetch: of(answer) });
        expect(await settle(ports, lease)).to.include({ match: null });
        sinon.assert.notCalled(ports.match);
      });
    }
  });

  for (const [what, does] of [
    ['is told to abort', { aborting: of('now'), fetch: NEVER }],
    ['reports that it was aborted', { fetch: of<Answer>({ kind: 'aborted' }) }],
    ['ends without an answer', { fetch: EMPTY }],
  ] as const) {
    it(`returns the slot if the fetch ${what}`, async () => {
      const lease = aLease();
      expect(await settle(portsThat(does), lease)).to.deep.equal({
        kind: 'returned',
        lease,
        reason: 'shutdown',
      });
    });
  }

  it('cancels the running fetch on abort', async () => {
    const aborting = new Subject<void>();
    const ended = sinon.fake();
    const settling = settle(portsThat({ aborting, fetch: new Subject<Answer>().pipe(finalize(ended)) }));
    sinon.assert.notCalled(ended);
    aborting.next();
    expect(await settling).to.include({ kind: 'returned' });
    sinon.assert.calledOnce(ended);
  });

  it('keeps an answer that came before the abort, and finishes its search', async () => {
    const aborting = new Subject<void>();
    const settling = settle(portsThat({ aborting }), aLease({ pattern: aPattern('h.l') }));
    aborting.next();
    expect(await settling).to.include({ kind: 'checked', match: FOUND });
  });

  it('makes the check unknown if a fetch breaks its promise and errors, and does not error itself', async () => {
    const fetch = throwError(() => new TypeError('with s3cret'));
    const settled = await settle(portsThat({ fetch }));
    expect(settled).to.deep.include({
      kind: 'checked',
      verdict: { outcome: 'unknown', cause: 'internal_error', detail: 'TypeError' },
    });
  });

  describe('confirms a down on a new connection before it calls the target down', () => {
    const ONCE = { raiseForStatus: true, confirm: 1 };
    const DOWN = anAnswer({ httpStatus: 503 });
    const UP = anAnswer();

    /** `answers` has one answer per attempt */
    const run = async (answers: readonly Answer[], confirm = 1, lease: Partial<Lease> = {}) => {
      const left = [...answers];
      const ports = {
        ...portsThat(),
        fetch: sinon.fake((..._: Parameters<Ports['fetch']>) => of(left.shift() ?? NEVER_ASKED)),
      };
      const slot = aLease({ expiresAtMonotonicMs: NOW_MS + (1 + confirm) * TIMEOUT_MS, ...lease });
      const settled = await lastValueFrom(checkSlot(ports, { ...ONCE, confirm })(slot));
      if (settled.kind !== 'checked') throw new Error('not checked');
      const { verdict, confirmations, httpStatus } = settled;
      const cause = verdict.outcome === 'up' ? null : verdict.cause;
      const onNewConnection = ports.fetch.args.map(([, , isNew]) => isNew);
      return {
        outcome: verdict.outcome,
        cause,
        confirmations,
        httpStatus,
        fetches: ports.fetch.callCount,
        onNewConnection,
      };
    };
    const NEVER_ASKED = aFailure('internal_error');

    it('and calls it up if only the first attempt was down, and keeps the first cause', async () => {
      expect(await run([DOWN, UP])).to.deep.include({
        outcome: 'up',
        cause: null,
        httpStatus: 200,
        confirmations: { count: 1, firstCause: 'http_status' },
        fetches: 2,
      });
    });

    it('and calls it down if the confirmation is down, with the last cause', async () => {
      expect(await run([DOWN, REFUSED])).to.deep.include({
        outcome: 'down',
        cause: 'connect_refused',
        confirmations: { count: 1, firstCause: 'http_status' },
        fetches: 2,
      });
    });

    it('as often as configured, and stops once it is up', async () => {
      expect(await run([DOWN, REFUSED, UP], 3)).to.deep.include({
        outcome: 'up',
        confirmations: { count: 2, firstCause: 'http_status' },
        fetches: 3,
      });
    });

    it('and calls it unknown if a fault of ours prevents the confirmation', async () => {
      expect(await run([DOWN, aFailure('out_of_resources')])).to.include({
        outcome: 'unknown',
        cause: 'out_of_resources',
      });
    });

    for (const [what, answer, confirm, lease] of [
      ['a target that is up', UP, 1, {}],
      ['a target that is unknown', aFailure('resolver_unavailable'), 1, {}],
      ['a target that is down already', DOWN, 1, { isDown: true }],
      ['a target if confirmation is switched off', DOWN, 0, {}],
    ] as const) {
      it(`but not ${what}`, async () => {
        expect(await run([answer], confirm, lease)).to.deep.include({ confirmations: null, fetches: 1 });
      });
    }

    for (const [what, answers, confirm, lease, onNewConnection] of [
      ['for each attempt but the first', [DOWN, DOWN, DOWN], 2, {}, [false, true, true]],
      ['for the only attempt at a target that is down already', [DOWN], 1, { isDown: true }, [true]],
      ['for the only attempt if confirmation is switched off', [DOWN], 0, {}, [true]],
    ] as const) {
      it(`reusing no kept-alive connection, since that may be what is broken, ${what}`, async () => {
        expect((await run(answers, confirm, lease)).onNewConnection).to.deep.equal(onNewConnection);
      });
    }

    it('with the whole timeout for each attempt', async () => {
      const clock = sinon.stub();
      for (const [call, ms] of [0, 0, 0, 3_000, 3_000].entries()) clock.onCall(call).returns(NOW_MS + ms);
      const ports = { ...portsThat({ fetch: of(DOWN) }), monotonicMs: clock };
      const lease = aLease({
        expiresAtMonotonicMs: NOW_MS + 2 * TIMEOUT_MS,
        databaseClockOffsetMs: 1_000,
        scheduledAtMs: NOW_MS + 1_000,
      });
      const settled = await lastValueFrom(checkSlot(ports, ONCE)(lease));
      sinon.assert.calledWithExactly(
        ports.fetch.secondCall,
        lease.target,
        NOW_MS + 3_000 + TIMEOUT_MS,
        true,
        0,
        lease,
      );
      expect(settled, 'dated by the first attempt').to.include({ startedAtMs: NOW_MS + 1_000 });
      sinon.assert.calledOnce(ports.hooks.started);
      sinon.assert.calledOnceWithExactly(ports.hooks.confirming, lease);
    });

    it('and starts nothing if the lease is too short for all attempts', async () => {
      const lease = aLease({ expiresAtMonotonicMs: NOW_MS + 2 * TIMEOUT_MS - 1 });
      const settled = await lastValueFrom(checkSlot(portsThat(), ONCE)(lease));
      expect(settled).to.include({ kind: 'returned', reason: 'lease_too_short' });
    });

    it('but returns the slot if too little of the lease is left by then, as after a pause', async () => {
      const clock = sinon.stub().returns(NOW_MS + TIMEOUT_MS + 1);
      for (const call of [0, 1]) clock.onCall(call).returns(NOW_MS);
      const ports = { ...portsThat({ fetch: of(DOWN) }), monotonicMs: clock };
      const lease = aLease({ expiresAtMonotonicMs: NOW_MS + 2 * TIMEOUT_MS });
      const settled = await lastValueFrom(checkSlot(ports, ONCE)(lease));
      expect(settled).to.deep.equal({ kind: 'returned', lease, reason: 'lease_too_short' });
      sinon.assert.calledOnce(ports.fetch);
      sinon.assert.notCalled(ports.hooks.confirming);
    });

    it('and returns the slot if it is aborted meanwhile', async () => {
      const aborting = new Subject<void>();
      const answers = [of<Answer>(DOWN), NEVER];
      const ports = { ...portsThat({ aborting }), fetch: sinon.fake(() => answers.shift() ?? EMPTY) };
      const settling = lastValueFrom(
        checkSlot(ports, ONCE)(aLease({ expiresAtMonotonicMs: Number.POSITIVE_INFINITY })),
      );
      aborting.next();
      expect(await settling).to.include({ kind: 'returned', reason: 'shutdown' });
    });
  });
});
