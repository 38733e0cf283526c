import type { Hop } from '../domain/check/answer.ts';
import type { Certificate } from '../domain/check/certificate.ts';
import type { Method } from '../domain/target/target.ts';
import { closeAtStop } from '../net/connection/close-at-stop.ts';
import type { PhaseClock } from '../net/timing/phase-clock.ts';
import { connect } from './connect.ts';
import { exchange } from './exchange/exchange.ts';
import type { Exchange } from './exchange/state.ts';
import type { KeptConnection, KeptConnections } from './kept-connections.ts';
import type { HopRequest } from './request/next-hop.ts';
import type { Trip } from './trip.ts';

export type HopEnd = Exchange & Pick<Hop, 'address'> & { readonly certificate: Certificate | null };

/** Sends one request of a fetch, over a kept connection if it may and there is one, else over a new one. */
export async function runHop(request: HopRequest, trip: Trip, clock: PhaseClock): Promise<HopEnd> {
  const { kept } = trip.tools;
  if (kept !== null && !trip.onNewConnection && mayBeSentTwice(request)) {
    const end = await askOverKept(request, kept, trip, clock);
    if (end !== null) return end;
  }
  const dialled = await connect(request.url, trip, clock);
  return dialled.kind === 'failed' ? { ...dialled, status: null } : ask(request, dialled, trip, clock);
}

/** Methods that ask for no change: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1 */
const SAFE_METHODS: ReadonlySet<Method> = new Set(['GET', 'HEAD', 'OPTIONS']);

const mayBeSentTwice = ({ method, body }: HopRequest): boolean => SAFE_METHODS.has(method) && body === null;

/** Returns null if no connection is kept, or if the website had closed it for being idle: that is not a failure. */
async function askOverKept(
  request: HopRequest,
  kept: KeptConnections,
  trip: Trip,
  clock: PhaseClock,
): Promise<HopEnd | null> {
  const connection = kept.take(routeOf(request, trip));
  if (connection === null) return null;
  const end = await ask(request, connection, trip, clock);
  const wasIdle = end.kind === 'failed' && end.status === null && end.failure.cause === 'connection_reset';
  return wasIdle ? null : end;
}

/** What connections must have in common to serve each other's requests. */
const routeOf = ({ url }: HopRequest, { target }: Trip): string =>
  `${url.origin} ${target.ipFamily} ${target.verifiesTls} ${target.acceptsLegacyTls}`;

/** Makes one exchange, then keeps or closes the connection. */
async function ask(
  request: HopRequest,
  connection: KeptConnection,
  trip: Trip,
  clock: PhaseClock,
): Promise<HopEnd> {
  const { target, tools, stop } = trip;
  const { socket, wire, address, certificate } = connection;
  const leaveOpen = closeAtStop(socket, stop);
  const settings = {
    userAgent: tools.userAgent,
    budget: trip.budget,
    heldBody: trip.heldBody,
    request,
    followsRedirects: target.redirectsMax > 0,
    bodyBytesMax: tools.bodyBytesMax,
    keepsAlive: tools.kept !== null,
  };
  const end = await exchange(connection, settings, clock, stop);
  if (end.kind === 'answered' && tools.kept !== null) {
    leaveOpen();
    tools.kept.put(routeOf(request, trip), { socket, wire, address, certificate });
  }
  return { ...end, address, certificate };
}
