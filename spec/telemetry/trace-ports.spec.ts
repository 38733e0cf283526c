import { SpanStatusCode } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { firstValueFrom, NEVER, of } from 'rxjs';
import sinon from 'sinon';
import { combineHooks } from '../../lib/checking/combine-hooks.ts';
import type { LeasePass, Ports, Recorded } from '../../lib/checking/ports.ts';
import { type Answer, NO_PHASES } from '../../lib/domain/check/answer.ts';
import type { Check, Settled } from '../../lib/domain/check/check.ts';
import { tracePorts } from '../../lib/telemetry/trace-ports.ts';
import { aCheck } from '../support/a-check.ts';
import { anAnswer } from '../support/an-answer.ts';

/** Long before this process started, as if the database's clock were behind */
const DATABASE_CLOCK_OFFSET_MS = 1_000_000;

describe('Traced ports', () => {
  let exporter: InMemorySpanExporter;
  let nowMs: number;
  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    nowMs = 0;
  });

  /** Sends `settled` through the ports; each takes a second. */
  const run = async (settled: Settled, answers: readonly Answer[], recorded: Partial<Recorded> = {}) => {
    const pass: LeasePass = { leases: [settled.lease], slotsMissed: 0, nextDueInMs: 0 };
    const left = [...answers];
    const takeSecond = <T>(value: T) => {
      nowMs += 1_000;
      return of(value);
    };
    const ports: Ports = {
      wakeUps: NEVER,
      lease: () => takeSecond(pass),
      fetch: () => takeSecond(left.shift() ?? { kind: 'aborted' }),
      match: async () => ({ kind: 'found' }),
      record: all =>
        takeSecond({
          settled: all,
          recorded: [],
          transitions: [],
          lostLeaseCount: 0,
          rejectedCount: 0,
          ...recorded,
        }),
      hooks: combineHooks(),
      stopping: NEVER,
      aborting: NEVER,
      monotonicMs: () => nowMs,
    };
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    const { traced, traceIdOf } = tracePorts(new TracerProvider({ spanProcessors }).getTracer('spec'));
    const { lease, fetch, hooks, record } = traced(ports);
    await firstValueFrom(lease(1));
    for (const _ of answers) await firstValueFrom(fetch(settled.lease.target, 0));
    hooks.settled(settled);
    await firstValueFrom(record([settled]));
    return { traceIdOf, spans: exporter.getFinishedSpans() };
  };
  const ofOffset = (check: Check): Check => ({
    ...check,
    lease: { ...check.lease, databaseClockOffsetMs: DATABASE_CLOCK_OFFSET_MS },
  });
  it('pass on all arguments of a fetch', async () => {
    const fetch = sinon.fake((..._: Parameters<Ports['fetch']>) => of(anAnswer()));
    const { traced } = tracePorts(new TracerProvider().getTracer('spec'));
    const { target } = aCheck().lease;
    await firstValueFrom(
      traced({ fetch, monotonicMs: () => 0 } as unknown as Ports).fetch(target, 7, true, 5),
    );
    sinon.assert.calledOnceWithExactly(fetch, target, 7, true, 5);
  });

  const find = (spans: readonly ReadableSpan[], name: string) => spans.filter(span => span.name === name);
  const times = ({ name, startTime, endTime }: ReadableSpan) => {
    const ms = ([seconds, ns]: readonly [number, number]) =>
      (seconds * 1e9 + ns) / 1e6 - DATABASE_CLOCK_OFFSET_MS;
    return [name, ms(startTime).toFixed(3), ms(endTime).toFixed(3)];
  };

  it('time each step on the database’s clock, even if it is behind, with one phase after the other', async () => {
    const check = ofOffset(aCheck());
    const { phases } = check;
    const hops = [{ url: 'https://example.org/', address: '192.0.2.1', httpStatus: 200, phases }];
    const { spans } = await run(check, [anAnswer({ hops })], { recorded: [check] });
    expect(spans.map(times)).to.deep.equal([
      ['lease', '0.000', '1000.000'],
      ['GET', '1000.000', '1043.534'],
      ['dns', '1000.000', '1001.234'],
      ['connect', '1001.234', '1011.034'],
      ['tls', '1011.034', '1031.434'],
      ['ttfb', '1031.434', '1043.434'],
      ['transfer', '1043.434', '1043.534'],
      ['record', '2000.000', '3000.000'],
      ['check', '0.000', '3000.000'],
    ]);
  });

  it('say why a request failed, on the request and on its check', async () => {
    const verdict = {
      outcome: 'down',
      cause: 'connect_timeout',
      detail: 'at http://u:s3cret@h/?s3cret',
    } as const;
    const check = ofOffset(aCheck({ verdict, httpStatus: null }));
    const phases = { ...NO_PHASES, dnsUs: 1, connectUs: 2, totalUs: 3 };
    const hops = [{ url: 'https://example.org/?s3cret', address: null, httpStatus: null, phases }];
    const answer: Answer = { ...verdict, kind: 'failed', httpStatus: null, phases, hops, certificate: null };
    const { spans } = await run(check, [answer], { recorded: [check] });
    for (const name of ['GET', 'check']) {
      const [span] = find(spans, name);
      expect(span?.attributes).to.include({ 'error.type': 'connect_timeout' });
      expect(span?.status.code).to.equal(SpanStatusCode.ERROR);
    }
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).to.not.include('s3cret');
  });

  it('say that a slot was given back, or that its lease was lost', async () => {
    const { lease } = ofOffset(aCheck());
    const returned = await run({ kind: 'returned', lease, reason: 'shutdown' }, [{ kind: 'aborted' }]);
    expect(returned.spans.map(({ name }) => name)).to.deep.equal(['lease', 'record', 'check']);
    expect(find(returned.spans, 'check')[0]?.attributes).to.include({
      'website_monitor.given_back': 'shutdown',
    });
    expect(find(returned.spans, 'record')[0]?.attributes).to.include({ 'website_monitor.recorded': false });

    exporter.reset();
    const lost = await run(ofOffset(aCheck()), [], { lostLeaseCount: 1 });
    expect(find(lost.spans, 'record')[0]?.attributes).to.include({ 'website_monitor.recorded': false });
  });

  it('know the trace of a slot once it is checked', async () => {
    const check = ofOffset(aCheck());
    const { traceIdOf, spans } = await run(check, [], { recorded: [check] });
    expect(traceIdOf(check.lease)).to.equal(spans[0]?.spanContext().traceId);
    expect(traceIdOf(aCheck().lease)).to.equal(undefined);
  });
});
