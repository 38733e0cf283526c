import { type Answer, type Hop, NO_PHASES, PHASES, type Phases } from '../domain/check/answer.ts';
import { type Certificate, soonerToExpire } from '../domain/check/certificate.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import type { Failure } from '../net/failure/explain-error.ts';
import type { StopReason } from '../net/timing/deadline.ts';
import { startPhaseClock } from '../net/timing/phase-clock.ts';
import { createCookies } from './request/cookies.ts';
import { firstHop } from './request/first-hop.ts';
import { runHop } from './run-hop.ts';
import type { Trip } from './trip.ts';

/** Fetches a target and follows its redirects until `stop` fires. All hops share one deadline. */
export async function fetchHops(trip: Trip): Promise<Answer> {
  const { target, tools, stop } = trip;
  const startedMs = performance.now();
  const hops: Hop[] = [];
  let certificate: Certificate | null = null;
  let endedMs = startedMs;
  const seen = () => ({ phases: sumOf(hops, endedMs - startedMs), hops, certificate });
  const fail = (cause: Failure['cause'], detail: string): Answer => {
    const httpStatus = hops.findLast(hop => hop.httpStatus !== null)?.httpStatus ?? null;
    return { kind: 'failed', cause, detail: cleanDetail(detail), httpStatus, ...seen() };
  };

  const first = firstHop(target, tools.secrets);
  if (first.kind === 'invalid') return fail(first.cause, first.detail);

  const cookies = createCookies();
  let { request } = first;
  for (let redirects = 0; ; redirects++) {
    const clock = startPhaseClock();
    const end = await runHop(cookies.addTo(request), trip, clock);
    const { address, status: httpStatus } = end;
    endedMs = clock.turnedMs();
    hops.push({ url: request.url.href, address, httpStatus, phases: clock.phases() });
    certificate = soonerToExpire(certificate, end.certificate);

    const trouble = OUR_TROUBLE[stop.reason as StopReason];
    if (trouble !== undefined) return fail('worker_stalled', trouble);
    if (end.kind === 'failed') return fail(end.failure.cause, end.failure.detail);
    if (end.kind === 'answered') {
      const { status: httpStatus, body, bodyCut } = end;
      return { kind: 'answered', httpStatus, body, bodyCut, heldUpMs: trip.heldUpMs(), ...seen() };
    }
    if (end.next.kind === 'invalid') return fail('invalid_redirect', end.next.detail);
    if (redirects === target.redirectsMax) return fail('too_many_redirects', `more than ${redirects}`);
    cookies.set(request.url, end.setCookies);
    request = end.next.request;
  }
}

/** Why a fetch was stopped that the website is not to blame for. */
const OUR_TROUBLE: Partial<Record<StopReason, string>> = {
  worker_stalled: 'this worker was too busy to read the answer',
  bodies_full: 'this worker held too many bodies that arrived slowly',
};

/** Sums each phase over all hops; null if it happened in none. */
function sumOf(hops: readonly Hop[], tookMs: number): Phases {
  const totalUs = Math.floor(tookMs * 1_000);
  if (hops.length === 1) return { ...NO_PHASES, ...hops[0]?.phases, totalUs };
  const sums = PHASES.map(([, phase]) => {
    const spent = hops.map(({ phases }) => phases[phase]).filter(us => us !== null);
    return [phase, spent.length === 0 ? null : spent.reduce((sum, us) => sum + us, 0)] as const;
  });
  return { ...NO_PHASES, ...Object.fromEntries(sums), totalUs };
}
