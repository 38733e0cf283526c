import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type Hop, PHASES } from '../domain/check/answer.ts';
import type { Cause } from '../domain/check/cause.ts';
import type { Settled } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import { hrTime } from './hr-time.ts';
import { checkAttributes, hopAttributes, leaseAttributes, recordAttributes } from './span-attributes.ts';

/** From when to when, on this process's monotonic clock. */
export interface Took {
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface Leasing extends Took {
  /** Leased with this one, and itself */
  readonly slots: number;
}

export interface Recording extends Took {
  /** Recorded or given back with this one, and itself */
  readonly slots: number;
  readonly isRecorded: boolean;
}

/** One fetch: a check has more than one where it looks again before a target turns down. */
export interface Attempt extends Took {
  readonly hops: readonly Hop[];
  /** Null: it was answered */
  readonly cause: Cause | null;
}

/**
 * The spans of one slot:
 *
 *     check             from the lease query's start to the end of its recording
 *     ├ lease           the statement that leased it, and others with it
 *     ├ GET             one request, as HTTP clients' spans are
 *     │ └ dns, connect, tls, ttfb, transfer
 *     ├ redirect        one for each that was followed, with phases of its own
 *     └ record          the statement that recorded it, and others with it
 *
 * Times are the database's, as in `check_results`: workers whose own clocks differ agree. Requests follow each
 * other, and so do phases: what lies between them is ours, and too short to be seen.
 */
export function checkSpans(tracer: Tracer) {
  const child = (parent: Span, lease: Lease, name: string, took: Took, options: Options = {}): Span => {
    const startTime = at(lease, took.startedMs);
    const span = tracer.startSpan(name, { ...options, startTime }, trace.setSpan(ROOT_CONTEXT, parent));
    if (options.attributes && 'error.type' in options.attributes)
      span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(at(lease, took.endedMs));
    return span;
  };

  const phases = (request: Span, lease: Lease, { phases }: Hop, hopStartedMs: number): void => {
    let startedMs = hopStartedMs;
    for (const [name, phase] of PHASES) {
      const spentUs = phases[phase];
      if (spentUs === null) continue;
      const endedMs = startedMs + spentUs / 1_000;
      child(request, lease, name, { startedMs, endedMs });
      startedMs = endedMs;
    }
  };

  const requests = (
    check: Span,
    lease: Lease,
    { hops, cause, startedMs }: Attempt,
    resends: number,
  ): void => {
    let hopStartedMs = startedMs;
    for (const [place, hop] of hops.entries()) {
      const method = place === 0 ? lease.target.method : null;
      const failure = place === hops.length - 1 ? cause : null;
      const attributes = hopAttributes(hop, method, failure, resends);
      const endedMs = hopStartedMs + hop.phases.totalUs / 1_000;
      const took = { startedMs: hopStartedMs, endedMs };
      const request = child(check, lease, method ?? 'redirect', took, { kind: SpanKind.CLIENT, attributes });
      phases(request, lease, hop, hopStartedMs);
      hopStartedMs = endedMs;
    }
  };

  return {
    /** A check's span that has yet to end, with all that came before its record. */
    begin: (settled: Settled, leasing: Leasing, attempts: readonly Attempt[]): Span => {
      const { lease } = settled;
      const check = tracer.startSpan('check', { startTime: at(lease, leasing.startedMs) }, ROOT_CONTEXT);
      if (!check.isRecording()) return check;
      check.setAttributes(checkAttributes(settled)); // not before: most of what it costs is for these
      if (settled.kind === 'checked' && settled.verdict.outcome !== 'up')
        check.setStatus({ code: SpanStatusCode.ERROR, message: settled.verdict.cause });
      const attributes = leaseAttributes(leasing.slots);
      child(check, lease, 'lease', leasing, { kind: SpanKind.CLIENT, attributes });
      for (const [place, attempt] of attempts.entries()) requests(check, lease, attempt, place);
      return check;
    },
    end: (check: Span, lease: Lease, recording: Recording): void => {
      if (!check.isRecording()) return;
      const attributes = recordAttributes(recording.slots, recording.isRecorded);
      child(check, lease, 'record', recording, { kind: SpanKind.CLIENT, attributes });
      check.end(at(lease, recording.endedMs));
    },
  };
}

type Options = Pick<SpanOptions, 'kind' | 'attributes'>;

const at = ({ databaseClockOffsetMs }: Lease, monotonicMs: number) =>
  hrTime(monotonicMs + databaseClockOffsetMs);
