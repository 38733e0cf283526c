import type { SecureContext } from 'node:tls';
import type { Secrets } from '../checking/ports.ts';
import { type Answer, type Hop, NO_PHASES, PHASES, type Phases } from '../domain/check/answer.ts';
import { type Certificate, soonerToExpire } from '../domain/check/certificate.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import type { Method, Target } from '../domain/target/target.ts';
import { closeAtStop } from '../net/connection/close-at-stop.ts';
import { type Dialled, dial } from '../net/connection/dial.ts';
import type { Failure } from '../net/failure/explain-error.ts';
import type { AddressGuard } from '../net/guard/address-guard.ts';
import type { Resolution, Resolve } from '../net/names/resolution.ts';
import { literalAddress } from '../net/names/resolution.ts';
import type { PhaseClock } from '../net/timing/phase-clock.ts';
import { startPhaseClock } from '../net/timing/phase-clock.ts';
import type { Exchange } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { KeptConnection, KeptConnections } from './kept-connections.ts';
import { createCookies } from './request/cookies.ts';
import { firstHop } from './request/first-hop.ts';
import type { HttpClient } from './request/http-client.ts';
import type { HopRequest } from './request/next-hop.ts';

/** What every fetch works with. */
export interface FetchTools {
  readonly client: HttpClient;
  readonly resolve: Resolve;
  readonly guard: AddressGuard;
  readonly secrets: Secrets;
  readonly secureContext: SecureContext;
  readonly bodyBytesMax: number;
  /** Null: each request has a connection of its own */
  readonly kept: KeptConnections | null;
}

/** What all hops of one fetch share. */
interface Trip {
  readonly target: Target;
  readonly deadlineMonotonicMs: number;
  /** Over no connection that was kept */
  readonly dialsAnew: boolean;
  readonly tools: FetchTools;
  /** Its reason is a `StopReason` */
  readonly stop: AbortSignal;
  readonly heldUpMs: () => number;
}

/** Fetches a target through its redirects until `stop` fires, with one deadline for all hops. */
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

    if (stop.reason === 'worker_stalled') return fail('worker_stalled', 'this process was too busy to look');
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

/** By methods that ask for no change: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1 */
const SAFE_METHODS: ReadonlySet<Method> = new Set(['GET', 'HEAD', 'OPTIONS']);

const mayBeSentTwice = ({ method, body }: HopRequest): boolean => SAFE_METHODS.has(method) && body === null;

type HopEnd = Exchange & Pick<Hop, 'address'> & { readonly certificate: Certificate | null };

/** Asks the website, over a connection that was kept or else over a new one. */
async function runHop(request: HopRequest, trip: Trip, clock: PhaseClock): Promise<HopEnd> {
  const route = `${request.url.origin} ${trip.target.ipFamily} ${trip.target.verifiesTls}`;
  const kept = trip.dialsAnew || !mayBeSentTwice(request) ? null : (trip.tools.kept?.take(route) ?? null);
  if (kept !== null) {
    const end = await ask(request, kept, route, trip, clock);
    const isClosed = end.kind === 'failed' && end.status === null && end.failure.cause === 'connection_reset';
    if (!isClosed) return end; // else it was closed for being idle, which says nothing of the website
  }
  const dialled = await connect(request.url, trip, clock);
  return dialled.kind === 'failed' ? { ...dialled, status: null } : ask(request, dialled, route, trip, clock);
}

/** Resolves, asks the guard and dials. */
async function connect(url: URL, trip: Trip, clock: PhaseClock): Promise<Dialled> {
  const { target, tools, stop } = trip;
  const failed = (failure: Failure): Dialled => ({
    kind: 'failed',
    failure,
    address: null,
    certificate: null,
  });

  const resolution = await resolveHost(url.hostname, trip, clock);
  if (resolution.kind === 'failed') return failed(resolution);
  const ofFamily = resolution.addresses.filter(({ family }) => family === (target.ipFamily ?? family));
  if (ofFamily.length === 0) {
    return failed({ cause: 'dns_not_found', detail: `the host has no IPv${target.ipFamily} address` });
  }
  const permission = tools.guard(ofFamily);
  if (permission.kind === 'refused') return failed({ cause: 'address_forbidden', detail: permission.detail });

  const isTls = url.protocol === 'https:';
  return dial(
    {
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port) || (isTls ? 443 : 80),
      addresses: permission.addresses,
      attemptMs: attemptMsFor(permission.addresses.length, trip.deadlineMonotonicMs - performance.now()),
      tls: isTls ? { secureContext: tools.secureContext, verifies: target.verifiesTls } : null,
    },
    clock,
    stop,
  );
}

/** One request and its response, after which the connection is kept or closed. */
async function ask(
  request: HopRequest,
  { socket, wire, address, certificate }: KeptConnection,
  route: string,
  { target, tools, stop }: Trip,
  clock: PhaseClock,
): Promise<HopEnd> {
  const leaveOpen = closeAtStop(socket, stop);
  const keeps = tools.kept !== null;
  const settings = { followsRedirects: target.redirectsMax > 0, bodyBytesMax: tools.bodyBytesMax, keeps };
  const stream = tools.client(request, socket, clock, keeps);
  const end = await exchange(stream, { socket, wire }, request, settings, clock, stop);
  if (end.kind === 'answered' && tools.kept !== null) {
    leaveOpen();
    tools.kept.put(route, { socket, wire, address, certificate });
  }
  return { ...end, address, certificate };
}

/** An address needs no DNS, and its phase did not happen. */
async function resolveHost(hostname: string, { tools, stop }: Trip, clock: PhaseClock): Promise<Resolution> {
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

/** Each phase over all hops; null where it happened in none. */
function sumOf(hops: readonly Hop[], tookMs: number): Phases {
  const totalUs = Math.floor(tookMs * 1_000);
  if (hops.length === 1) return { ...NO_PHASES, ...hops[0]?.phases, totalUs };
  const sums = PHASES.map(([, phase]) => {
    const spent = hops.map(({ phases }) => phases[phase]).filter(us => us !== null);
    return [phase, spent.length === 0 ? null : spent.reduce((sum, us) => sum + us, 0)] as const;
  });
  return { ...NO_PHASES, ...Object.fromEntries(sums), totalUs };
}
