import { type Span, TraceFlags, type Tracer } from '@opentelemetry/api';
import { defer, type Observable, tap } from 'rxjs';
import type { Ports } from '../checking/ports.ts';
import type { Answer } from '../domain/check/answer.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { Target } from '../domain/target/target.ts';
import { type Attempt, checkSpans, type Leasing, type Took } from './check-spans.ts';

export interface Tracing {
  readonly traced: (ports: Ports) => Ports;
  readonly traceIdOf: (lease: Lease) => string | undefined;
}

/**
 * Makes a trace of each slot: its lease, its requests and its recording. It observes the ports from outside and
 * creates spans once their times are known, so no other code knows about traces.
 *
 * Weak maps hold what is known: about a slot by its lease, about its requests by its target, since each lease
 * has a target object of its own. A slot that never ends is forgotten together with them.
 */
export function tracePorts(tracer: Tracer): Tracing {
  const spans = checkSpans(tracer);
  const leasings = new WeakMap<Lease, Leasing>();
  const attempts = new WeakMap<Target, Attempt[]>();
  const checks = new WeakMap<Lease, Span>();

  const traced = (ports: Ports): Ports => {
    const timed = <T>(work: () => Observable<T>, onResult: (result: T, took: Took) => void): Observable<T> =>
      defer(() => {
        const startedMs = ports.monotonicMs();
        return work().pipe(tap(result => onResult(result, { startedMs, endedMs: ports.monotonicMs() })));
      });
    return {
      ...ports,
      lease: leasesMax =>
        timed(
          () => ports.lease(leasesMax),
          ({ leases }, took) => {
            for (const lease of leases) leasings.set(lease, { ...took, slots: leases.length });
          },
        ),
      fetch: (target, ...settings) =>
        timed(
          () => ports.fetch(target, ...settings),
          (answer, took) =>
            void attempts.set(target, [...(attempts.get(target) ?? []), attemptOf(answer, took)]),
        ),
      record: settled =>
        timed(
          () => ports.record(settled),
          (report, took) => {
            const recorded = new Set(report.recorded.map(({ lease }) => lease));
            for (const { lease } of report.settled) {
              const check = checks.get(lease);
              const isRecorded = recorded.has(lease);
              if (check) spans.end(check, lease, { ...took, slots: report.settled.length, isRecorded });
            }
          },
        ),
      hooks: {
        ...ports.hooks,
        settled: settled => {
          const { lease } = settled;
          const leasing = leasings.get(lease);
          if (leasing) checks.set(lease, spans.begin(settled, leasing, attempts.get(lease.target) ?? []));
          attempts.delete(lease.target);
          ports.hooks.settled(settled);
        },
      },
    };
  };
  return {
    traced,
    traceIdOf: lease => {
      const { traceId, traceFlags } = checks.get(lease)?.spanContext() ?? UNKNOWN;
      return traceFlags & TraceFlags.SAMPLED ? traceId : undefined;
    },
  };
}

const UNKNOWN = { traceId: undefined, traceFlags: TraceFlags.NONE };

/** Keeps everything but the body, which is large. */
const attemptOf = (answer: Answer, took: Took): Attempt => ({
  ...took,
  hops: answer.kind === 'aborted' ? [] : answer.hops,
  cause: answer.kind === 'failed' ? answer.cause : null,
});
