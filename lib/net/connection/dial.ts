import type { LookupFunction, Socket } from 'node:net';
import net from 'node:net';
import type { Cause } from '../../domain/check/cause.ts';
import type { Certificate } from '../../domain/check/certificate.ts';
import type { Failure } from '../failure/explain-error.ts';
import type { PermittedAddress } from '../guard/address-guard.ts';
import type { Address } from '../names/resolution.ts';
import type { PhaseClock } from '../timing/phase-clock.ts';
import { closeAtStop } from './close-at-stop.ts';
import { hasRouteTo } from './route.ts';
import { type Handshake, shakeHands } from './shake-hands.ts';
import { socketReached } from './socket-reached.ts';

/** Where to connect, and how. */
export interface Destination {
  /** As in the url; the certificate must be valid for it */
  readonly hostname: string;
  readonly port: number;
  /** Tried in this order */
  readonly addresses: readonly PermittedAddress[];
  /** How long to wait for one address before trying the next */
  readonly attemptMs: number;
  /** Null: plain HTTP */
  readonly tls: Handshake | null;
}

/** An open connection to speak HTTP over. */
export interface Connection {
  readonly socket: Socket;
  /** The TCP socket: the same one, or the one below TLS */
  readonly wire: Socket;
}

type Connected = Connection & {
  readonly kind: 'connected';
  readonly address: string | null;
  readonly certificate: Certificate | null;
};

export type Dialled =
  | Connected
  | {
      readonly kind: 'failed';
      readonly address: string | null;
      readonly failure: Failure;
      readonly certificate: Certificate | null;
    };

/** Causes that a missing route can look like. Without an IPv6 address of ours, IPv6 seems to lack free ports. */
const MAY_BE_THE_ROUTE: ReadonlySet<Cause> = new Set(['connect_unreachable', 'out_of_resources']);

/**
 * Connects, over TLS if asked to, until `stop` fires. Once connected, the caller closes the connection; otherwise the
 * socket is destroyed here. Judges the certificate before it returns, so no credentials leave before that. Never rejects.
 */
export async function dial(to: Destination, clock: PhaseClock, stop: AbortSignal): Promise<Dialled> {
  const dialled = await connect(to, clock, stop);
  if (dialled.kind === 'connected' || !MAY_BE_THE_ROUTE.has(dialled.failure.cause)) return dialled;
  const routes = await Promise.all(to.addresses.map(hasRouteTo));
  if (routes.includes(true)) return dialled;
  const failure: Failure = { cause: 'network_unavailable', detail: `no route: ${dialled.failure.detail}` };
  return { ...dialled, failure };
}

async function connect(to: Destination, clock: PhaseClock, stop: AbortSignal): Promise<Dialled> {
  clock.enter('connect');
  const plain = openPlain(to);
  const leaveOpen = closeAtStop(plain, stop);
  const refusal = await socketReached(plain, 'connect', clock, stop);
  const address = plain.remoteAddress ?? null;
  if (refusal) return { kind: 'failed', address, failure: refusal, certificate: null };
  leaveOpen();
  if (to.tls === null) return connected({ socket: plain, wire: plain, address, certificate: null });

  const { certificate, ...secured } = await shakeHands(plain, to.hostname, to.tls, clock, stop);
  return secured.kind === 'failed'
    ? { kind: 'failed', address, failure: secured.failure, certificate }
    : connected({ socket: secured.socket, wire: plain, address, certificate });
}

/** Nobody else listens before a request and after its response, and an unhandled error would end the process. */
function connected(connection: Omit<Connected, 'kind'>): Connected {
  connection.socket.on('error', () => {});
  return { kind: 'connected', ...connection };
}

function openPlain({ hostname, port, addresses, attemptMs }: Destination): Socket {
  const [only, ...others] = addresses;
  const to = others.length === 0 ? { host: only?.address } : fromList(hostname, addresses, attemptMs);
  return net.connect({ ...to, port, noDelay: true } as net.TcpNetConnectOpts);
}

/** Answers one tick late although the addresses are known: error listeners are attached only then. */
function fromList(host: string, addresses: readonly Address[], attemptMs: number) {
  const lookup: LookupFunction = (_hostname, _options, onAddresses) =>
    process.nextTick(() => onAddresses(null, [...addresses]));
  return { host, lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs };
}
