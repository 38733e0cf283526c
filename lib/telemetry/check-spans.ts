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

/** A period on this process's monotonic clock. */
export interface Took {
  readonly startedMs: number;
  readonly endedMs: number;
}

/** The lease query of a slot. */
export interface Leasing extends Took {
  /** Slots leased together, including this one */
  readonly slots: number;
}

/** The statement that recorded a slot or gave it back. */
export interface Recording extends Took {
  /** Slots recorded or given back together, including this one */
  readonly slots: number;
  /** False if the slot was given back, or its lease was lost */
  readonly isRecorded: boolean;
}

/** One fetch. A check has more than one if the first was down and is confirmed. */
export interface Attempt extends Took {
  readonly hops: readonly Hop[];
  /** Null if it was answered */
  readonly cause: Cause | null;
}

/**
 * Makes the spans of one slot:
 *
 *     check             from the start of the lease query to the end of recording
 *     ├ lease           the statement that leased the slot, together with others
 *     ├ GET             one request, as in the conventions for HTTP clients
 *     │ └ dns, connect, tls, ttfb, transfer
 *     ├ redirect        one per redirect followed, with its own phases
 *     └ record          the statement that recorded the slot, together with others
 *
 * Times are on the database's clock, as in `check_results`, so the spans of workers with different clocks agree.
 * Requests are laid end to end, and so are phases: the gaps between them are our own and too short to matter.
 */
export function checkSpans(tracer: Tracer) {
  const add = spanAdder(tracer);
  return {
    /** Starts the span of a check, with everything up to its recording. End it with `end`. */
    begin: (settled: Settled, leasing: Leasing, attempts: readonly Attempt[]): Span => {
      const { lease } = settled;
      const check = tracer.startSpan('check', { startTime: at(lease, leasing.startedMs) }, ROOT_CONTEXT);
      if (!check.isRecording()) return check;
      check.setAttributes(checkAttributes(settled)); // only if it is sampled: these are most of the cost
      if (settled.kind === 'checked' && settled.verdict.outcome !== 'up')
        check.setStatus({ code: SpanStatusCode.ERROR, message: settled.verdict.cause });
      const attributes = leaseAttributes(leasing.slots);
      add(check, lease, 'lease', leasing, { kind: SpanKind.CLIENT, attributes });
      for (const [place, attempt] of attempts.entries()) addRequests(add, check, lease, attempt, place);
      return check;
    },
    /** Adds the recording and ends the span. */
    end: (check: Span, lease: Lease, recording: Recording): void => {
      if (!check.isRecording()) return;
      const attributes = recordAttributes(recording.slots, recording.isRecorded);
      add(check, lease, 'record', recording, { kind: SpanKind.CLIENT, attributes });
      check.end(at(lease, recording.endedMs));
    },
  };
}

type Options = Pick<SpanOptions, 'kind' | 'attributes'>;

const at = ({ databaseClockOffsetMs }: Lease, monotonicMs: number) =>
  hrTime(monotonicMs + databaseClockOffsetMs);

type AddSpan = (parent: Span, lease: Lease, name: string, took: Took, options?: Options) => Span;

/** Adds a finished child span; one with an `error.type` is marked as failed. */
const spanAdder =
  (tracer: Tracer): AddSpan =>
  (parent, lease, name, took, options = {}) => {
    const startTime = at(lease, took.startedMs);
    const span = tracer.startSpan(name, { ...options, startTime }, trace.setSpan(ROOT_CONTEXT, parent));
    if (options.attributes && 'error.type' in options.attributes)
      span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(at(lease, took.endedMs));
    return span;
  };

/** Adds a span per hop of one attempt, each with its phases. */
function addRequests(
  add: AddSpan,
  check: Span,
  lease: Lease,
  { hops, cause, startedMs }: Attempt,
  resends: number,
): void {
  let hopStartedMs = startedMs;
  for (const [place, hop] of hops.entries()) {
    const method = place === 0 ? lease.target.method : null;
    const failure = place === hops.length - 1 ? cause : null;
    const attributes = hopAttributes(hop, method, failure, resends);
    const endedMs = hopStartedMs + hop.phases.totalUs / 1_000;
    const took = { startedMs: hopStartedMs, endedMs };
    const request = add(check, lease, method ?? 'redirect', took, { kind: SpanKind.CLIENT, attributes });
    addPhases(add, request, lease, hop, hopStartedMs);
    hopStartedMs = endedMs;
  }
}

function addPhases(add: AddSpan, request: Span, lease: Lease, { phases }: Hop, hopStartedMs: number): void {
  let startedMs = hopStartedMs;
  for (const [name, phase] of PHASES) {
    const spentUs = phases[phase];
    if (spentUs === null) continue;
    const endedMs = startedMs + spentUs / 1_000;
    add(request, lease, name, { startedMs, endedMs });
    startedMs = endedMs;
  }
}
