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

/** Where a connection is to lead, and what it must be like. */
export interface Destination {
  /** As in the url: it is what a certificate must be for */
  readonly hostname: string;
  readonly port: number;
  /** In the order in which to try them */
  readonly addresses: readonly PermittedAddress[];
  /** How long to wait for one address before the next is tried */
  readonly attemptMs: number;
  /** Null: plain HTTP */
  readonly tls: Handshake | null;
}

/** What HTTP is spoken over. */
export interface Connection {
  readonly socket: Socket;
  /** The same, or what lies below TLS */
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

/** Without an address of ours in its family, an address cannot be reached, and that looks like a lack of ports. */
const MAY_BE_THE_ROUTE: ReadonlySet<Cause> = new Set(['connect_unreachable', 'out_of_resources']);

/**
 * Connects, over TLS if asked to, until `stop` fires; from then on the caller closes. Nothing is sent but the handshakes, and a
 * certificate that is not accepted ends it here: so no credentials leave before it is judged. Never
 * rejects; unless connected, the socket is destroyed.
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
  if (to.tls === null) return standing({ socket: plain, wire: plain, address, certificate: null });

  const { certificate, ...secured } = await shakeHands(plain, to.hostname, to.tls, clock, stop);
  return secured.kind === 'failed'
    ? { kind: 'failed', address, failure: secured.failure, certificate }
    : standing({ socket: secured.socket, wire: plain, address, certificate });
}

/** Before a request and after its response nobody else listens, and an error that nobody hears ends the process. */
function standing(connected: Omit<Connected, 'kind'>): Connected {
  connected.socket.on('error', () => {});
  return { kind: 'connected', ...connected };
}

function openPlain({ hostname, port, addresses, attemptMs }: Destination): Socket {
  const [only, ...others] = addresses;
  const to = others.length === 0 ? { host: only?.address } : fromList(hostname, addresses, attemptMs);
  return net.connect({ ...to, port, noDelay: true } as net.TcpNetConnectOpts);
}

/** The addresses are known; a tick late all the same, for nobody listens for errors before. */
function fromList(host: string, addresses: readonly Address[], attemptMs: number) {
  const lookup: LookupFunction = (_hostname, _options, onAddresses) =>
    process.nextTick(() => onAddresses(null, [...addresses]));
  return { host, lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs };
}
