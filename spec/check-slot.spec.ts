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
import { checkSlot } from '../lib/check-slot.ts';
import type { Answer } from '../lib/domain/answer.ts';
import type { Settled } from '../lib/domain/check.ts';
import type { Lease } from '../lib/domain/lease.ts';
import type { Measure, Ports } from '../lib/ports.ts';
import { aCheck } from './support/a-check.ts';

const NOW_MS = 50_000;
const TIMEOUT_MS = 10_000;
const { phases } = aCheck();
const ANSWERED: Answer = { kind: 'answered', httpStatus: 200, body: 'hello', bodyCut: false, phases };
const REFUSED: Answer = { kind: 'failed', cause: 'connect_refused', detail: '', httpStatus: null, phases };

type Overrides = Partial<Lease> & { readonly regexPattern?: string };

const aLease = ({ regexPattern, ...more }: Overrides = {}): Lease => {
  const { lease } = aCheck();
  const target = { ...lease.target, timeoutMs: TIMEOUT_MS, regexPattern: regexPattern ?? null };
  return { ...lease, target, expiresAtMonotonicMs: NOW_MS + TIMEOUT_MS, ...more };
};

const SILENT: Measure = {
  occupancy: () => {},
  pass: () => {},
  started: () => {},
  settled: () => {},
  saved: () => {},
};

describe('checkSlot', () => {
  const portsThat = (does: { fetch?: Observable<Answer>; aborting?: Observable<unknown> } = {}) => ({
    fetch: sinon.fake((..._: Parameters<Ports['fetch']>) => does.fetch ?? of(ANSWERED)),
    match: sinon.fake.resolves({ kind: 'found' }),
    measure: { ...SILENT, started: sinon.fake() },
    aborting: does.aborting ?? NEVER,
    monotonicMs: () => NOW_MS,
  });
  /** The one value that it emits. */
  const settle = async (ports: ReturnType<typeof portsThat>, lease = aLease()): Promise<Settled> => {
    const emitted = await lastValueFrom(checkSlot(ports, { raiseForStatus: true })(lease).pipe(toArray()));
    expect(emitted).to.have.length(1);
    return emitted[0] as Settled;
  };

  it('does nothing before it is subscribed', () => {
    const ports = portsThat();
    checkSlot(ports, { raiseForStatus: true })(aLease());
    sinon.assert.notCalled(ports.fetch);
  });

  it('gives the fetch the whole timeout, and dates the start by the database’s clock', async () => {
    const ports = portsThat();
    const lease = aLease({ databaseClockOffsetMs: 1_767_225_000_000 });
    expect(await settle(ports, lease)).to.deep.include({
      kind: 'checked',
      verdict: { outcome: 'up' },
      startedAtMs: 1_767_225_050_000,
    });
    sinon.assert.calledOnceWithExactly(ports.fetch, lease.target, NOW_MS + TIMEOUT_MS);
    sinon.assert.calledOnceWithExactly(ports.measure.started, lease);
  });

  it('starts no fetch whose deadline would pass the lease', async () => {
    const ports = portsThat();
    const lease = aLease({ expiresAtMonotonicMs: NOW_MS + TIMEOUT_MS - 1 });
    expect(await settle(ports, lease)).to.deep.equal({ kind: 'unrun', lease, reason: 'lease_too_short' });
    sinon.assert.notCalled(ports.fetch);
    sinon.assert.notCalled(ports.measure.started);
  });

  describe('searches the body', () => {
    it('for the pattern, within what the fetch has left of the timeout', async () => {
      const ports = portsThat();
      expect(await settle(ports, aLease({ regexPattern: 'h.l' }))).to.include({ regexMatch: true });
      sinon.assert.calledOnceWithExactly(ports.match, 'h.l', 'hello', NOW_MS + TIMEOUT_MS);
    });

    it('for a second at least: a slow website is not its pattern’s fault', async () => {
      const monotonicMs = sinon.stub().returns(NOW_MS + TIMEOUT_MS - 1);
      monotonicMs.onFirstCall().returns(NOW_MS);
      const ports = { ...portsThat(), monotonicMs };
      await settle(ports, aLease({ regexPattern: 'h.l' }));
      sinon.assert.calledOnceWithExactly(ports.match, 'h.l', 'hello', NOW_MS + TIMEOUT_MS + 999);
    });

    for (const [why, lease, answer] of [
      ['there is no pattern', aLease(), ANSWERED],
      ['there is no body', aLease({ regexPattern: 'h.l' }), REFUSED],
    ] as const) {
      it(`not at all where ${why}`, async () => {
        const ports = portsThat({ fetch: of(answer) });
        expect(await settle(ports, lease)).to.include({ regexMatch: null });
        sinon.assert.notCalled(ports.match);
      });
    }
  });

  for (const [what, does] of [
    ['was told to abort', { aborting: of('now'), fetch: NEVER }],
    ['answers that it was aborted', { fetch: of<Answer>({ kind: 'aborted' }) }],
    ['ends without an answer', { fetch: EMPTY }],
  ] as const) {
    it(`leaves the slot to be run by another where the fetch ${what}`, async () => {
      const lease = aLease();
      expect(await settle(portsThat(does), lease)).to.deep.equal({
        kind: 'unrun',
        lease,
        reason: 'shutdown',
      });
    });
  }

  it('ends a fetch that runs when it is told to abort', async () => {
    const aborting = new Subject<void>();
    const ended = sinon.fake();
    const settling = settle(portsThat({ aborting, fetch: new Subject<Answer>().pipe(finalize(ended)) }));
    sinon.assert.notCalled(ended);
    aborting.next();
    expect(await settling).to.include({ kind: 'unrun' });
    sinon.assert.calledOnce(ended);
  });

  it('keeps an answer that came before the abort, its search included', async () => {
    const aborting = new Subject<void>();
    const settling = settle(portsThat({ aborting }), aLease({ regexPattern: 'h.l' }));
    aborting.next();
    expect(await settling).to.include({ kind: 'checked', regexMatch: true });
  });

  it('takes a fetch that breaks its promise never to err for a fault of ours, and does not err itself', async () => {
    const fetch = throwError(() => new TypeError('with s3cret'));
    const settled = await settle(portsThat({ fetch }));
    expect(settled).to.deep.include({
      kind: 'checked',
      verdict: { outcome: 'unknown', cause: 'internal_error', detail: 'TypeError' },
    });
  });
});
