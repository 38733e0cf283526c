import type { LookupFunction, Socket } from 'node:net';
import net from 'node:net';
import tls from 'node:tls';
import type { Cause } from '../domain/cause.ts';
import type { Certificate } from '../domain/certificate.ts';
import type { PermittedAddress } from './address-guard.ts';
import { classifyFailure } from './classify-failure.ts';
import { closeAtStop } from './close-at-stop.ts';
import { explainError, explainTimeout, type Failure } from './explain-error.ts';
import type { PhaseClock } from './phase-clock.ts';
import { presentedCertificate } from './presented-certificate.ts';
import type { Address } from './resolution.ts';
import { hasRouteTo } from './route.ts';
import { watchNoise } from './watch-noise.ts';

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
  readonly tls: {
    readonly secureContext: tls.SecureContext;
    /** False: whatever certificate is presented is accepted */
    readonly verifies: boolean;
  } | null;
}

/** What HTTP is spoken over. */
export interface Connection {
  readonly socket: Socket;
  /** The same, or what lies below TLS */
  readonly wire: Socket;
}

export type Dialled =
  | (Connection & {
      readonly kind: 'connected';
      readonly address: string | null;
      readonly certificate: Certificate | null;
    })
  | {
      readonly kind: 'failed';
      readonly address: string | null;
      readonly failure: Failure;
      readonly certificate: Certificate | null;
    };

/** Without an address of ours in its family, an address cannot be reached, and that looks like a lack of ports. */
const MAY_BE_THE_ROUTE: ReadonlySet<Cause> = new Set(['connect_unreachable', 'out_of_resources']);

/**
 * Connects, over TLS if asked to, until `stop` fires. Nothing is sent but the handshakes, and a
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
  const refusal = await happened(plain, 'connect', clock, stop);
  const address = plain.remoteAddress ?? null;
  if (refusal) return { kind: 'failed', address, failure: refusal, certificate: null };
  if (to.tls === null) return { kind: 'connected', socket: plain, wire: plain, address, certificate: null };

  clock.enter('tls');
  const socket = openSecure(plain, to.hostname, to.tls.secureContext);
  leaveOpen();
  closeAtStop(socket, stop);
  const stopWatching = watchNoise(
    plain,
    () => 0,
    () => socket.destroy(Object.assign(new Error('a handshake without end'), { code: 'EPROTO' })),
  );
  const failure = await happened(socket, 'secureConnect', clock, stop);
  stopWatching();
  if (failure) return { kind: 'failed', address, failure, certificate: null };
  const certificate = presentedCertificate(socket, to.hostname);
  if (!to.tls.verifies || socket.authorized) {
    return { kind: 'connected', socket, wire: plain, address, certificate };
  }
  socket.destroy();
  return { kind: 'failed', address, failure: explainRefusal(socket), certificate };
}

/**
 * Waits for the event that ends a phase, and ends the phase with it.
 *
 * @returns null once it has come; else why it will not, with the socket destroyed
 */
function happened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  clock: PhaseClock,
  stop: AbortSignal,
): Promise<Failure | null> {
  const { promise, resolve } = Promise.withResolvers<Failure | null>();
  const settle = (failure: Failure | null): void => {
    clock.leave();
    stop.removeEventListener('abort', onStop);
    socket.off(event, onEvent).off('error', onError).off('close', onClose);
    if (failure) socket.on('error', () => {}).destroy(); // it may have more to say
    resolve(failure);
  };
  const onEvent = (): void => settle(null);
  const onError = (error: unknown): void => settle(explainError(error, clock.current()));
  const onClose = (): void => settle({ cause: 'connection_reset', detail: 'closed while connecting' });
  const onStop = (): void => settle(explainTimeout(clock.current()));

  socket.on(event, onEvent).on('error', onError).on('close', onClose);
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  return promise;
}

function openPlain({ hostname, port, addresses, attemptMs }: Destination): Socket {
  const [only, ...others] = addresses;
  const to = others.length === 0 ? { host: only?.address } : fromList(hostname, addresses, attemptMs);
  return net.connect({ ...to, port, noDelay: true } as net.TcpNetConnectOpts);
}

/** On a connection of its own that stands, so that preparing the handshake is no part of connecting. */
function openSecure(plain: Socket, hostname: string, secureContext: tls.SecureContext): tls.TLSSocket {
  plain.on('error', () => {}); // told by the secure socket as well
  return tls.connect({
    socket: plain,
    secureContext,
    servername: net.isIP(hostname) === 0 ? hostname.replace(/\.$/, '') : '', // RFC 6066: no final dot
    checkServerIdentity: (_servername, certificate) => tls.checkServerIdentity(hostname, certificate),
    rejectUnauthorized: false, // judged by us, once what was presented has been looked at
    ALPNProtocols: ['http/1.1'],
  });
}

/** The addresses are known; a tick late all the same, for nobody listens for errors before. */
function fromList(host: string, addresses: readonly Address[], attemptMs: number) {
  const lookup: LookupFunction = (_hostname, _options, onAddresses) =>
    process.nextTick(() => onAddresses(null, [...addresses]));
  return { host, lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs };
}

/**
 * Node has the code of what OpenSSL or the comparison of names found: as text, or in an error. For some, such
 * as a weak key, it has none; the connection stands all the same, so it is the certificate that is at fault.
 */
function explainRefusal({ authorizationError }: tls.TLSSocket): Failure {
  const { code, message } = authorizationError as unknown as { code?: string; message?: string };
  const text = code ?? String(authorizationError);
  const cause = classifyFailure(text, 'tls');
  const detail = text === 'UNSPECIFIED' ? 'the certificate is weak, or breaks a rule' : (message ?? text);
  return { cause: cause === 'tls_failed' ? 'tls_untrusted' : cause, detail };
}
