import type { Answer } from '../domain/answer.ts';
import type { Target } from '../domain/target.ts';
import type { Exchange } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { Failure } from './explain-error.ts';
import { firstHop } from './first-hop.ts';
import type { HttpClient } from './http-client.ts';
import type { HopRequest } from './next-hop.ts';
import type { PhaseClock } from './phase-clock.ts';
import { startPhaseClock } from './phase-clock.ts';
import type { Resolution, Resolve } from './resolution.ts';
import { literalAddress } from './resolution.ts';

/** What every fetch works with. */
export interface FetchTools {
  readonly client: HttpClient;
  readonly resolve: Resolve;
  readonly bodyBytesMax: number;
  readonly redirectsMax: number;
}

/** What all hops of one fetch share. */
interface Trip {
  readonly deadlineMonotonicMs: number;
  readonly clock: PhaseClock;
  readonly tools: FetchTools;
  readonly stop: AbortSignal;
}

/**
 * Fetches `target` through its redirects until `stop` fires, with one clock and one deadline for all.
 *
 * @param stop its reason is a `StopReason`
 */
export async function fetchHops(
  target: Target,
  deadlineMonotonicMs: number,
  tools: FetchTools,
  stop: AbortSignal,
): Promise<Answer> {
  const clock = startPhaseClock();
  let status: number | null = null;
  const fail = (cause: Failure['cause'], detail: string): Answer => ({
    kind: 'failed',
    cause,
    detail,
    httpStatus: status,
    phases: clock.phases(),
  });

  const first = firstHop(target);
  if (first.kind === 'invalid') return fail('request_invalid', first.detail);

  let { request } = first;
  for (let redirects = 0; ; redirects++) {
    const end = await runHop(request, { deadlineMonotonicMs, clock, tools, stop });
    status = end.status ?? status;
    if (stop.reason === 'worker_stalled') return fail('worker_stalled', 'this process was too busy to look');
    if (end.kind === 'failed') return fail(end.failure.cause, end.failure.detail);
    if (end.kind === 'answered') {
      const { status: httpStatus, body, bodyCut } = end;
      return { kind: 'answered', httpStatus, body, bodyCut, phases: clock.phases() };
    }
    if (end.next.kind === 'invalid') return fail('invalid_redirect', end.next.detail);
    if (redirects === tools.redirectsMax) return fail('too_many_redirects', `more than ${redirects}`);
    request = end.next.request;
  }
}

async function runHop(request: HopRequest, trip: Trip): Promise<Exchange> {
  const { clock, tools, stop } = trip;
  const resolution = await resolveHost(request.url.hostname, trip);
  if (resolution.kind === 'failed') return { kind: 'failed', status: null, failure: resolution };

  const { addresses } = resolution;
  const attemptMs = attemptMsFor(addresses.length, trip.deadlineMonotonicMs - performance.now());
  const stream = tools.client(request, { addresses, attemptMs, clock });
  return exchange(stream, request, tools.bodyBytesMax, clock, stop);
}

/** An address needs no DNS, and its phase did not happen. */
async function resolveHost(hostname: string, { clock, tools, stop }: Trip): Promise<Resolution> {
  const literal = literalAddress(hostname);
  if (literal !== null) return { kind: 'resolved', addresses: [literal] };
  clock.enter('dns');
  const resolution = await tools.resolve(hostname, stop);
  clock.leave();
  return resolution;
}

/**
 * An equal share of the time left for each address, and never less than Node's own 250 ms, which
 * alone would be too little: it gives up on far websites that answer well.
 */
const attemptMsFor = (addresses: number, remainingMs: number): number =>
  Math.max(250, Math.floor(remainingMs / addresses));
