import type { LookupFunction, Socket } from 'node:net';
import net from 'node:net';
import tls from 'node:tls';
import type { Cause } from '../domain/cause.ts';
import type { Certificate } from '../domain/certificate.ts';
import type { PermittedAddress } from './address-guard.ts';
import { classifyFailure } from './classify-failure.ts';
import { explainError, explainTimeout, type Failure } from './explain-error.ts';
import type { PhaseClock } from './phase-clock.ts';
import { presentedCertificate } from './presented-certificate.ts';
import type { Address } from './resolution.ts';
import { hasRouteTo } from './route.ts';

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

export type Dialled =
  | {
      readonly kind: 'connected';
      readonly socket: Socket;
      readonly address: string | null;
      readonly certificate: Certificate | null;
    }
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

function connect(to: Destination, clock: PhaseClock, stop: AbortSignal): Promise<Dialled> {
  const { promise, resolve } = Promise.withResolvers<Dialled>();
  clock.enter('connect');
  const socket = open(to);
  let address: string | null = null;

  const settle = (dialled: Dialled): void => {
    clock.leave();
    stop.removeEventListener('abort', onStop);
    socket.off('error', onError).off('close', onClose);
    if (dialled.kind === 'failed') socket.on('error', () => {}).destroy(); // it may have more to say
    resolve(dialled);
  };
  const fail = (failure: Failure, certificate: Certificate | null = null): void =>
    settle({ kind: 'failed', address, failure, certificate });
  const onError = (error: unknown): void => fail(explainError(error, clock.current()));
  const onClose = (): void => fail({ cause: 'connection_reset', detail: 'closed while connecting' });
  const onStop = (): void => fail(explainTimeout(clock.current()));

  socket.once('connect', () => {
    address = socket.remoteAddress ?? null;
    if (to.tls === null) settle({ kind: 'connected', socket, address, certificate: null });
    else clock.enter('tls');
  });
  socket.once('secureConnect', () => {
    const secure = socket as tls.TLSSocket;
    const certificate = presentedCertificate(secure, to.hostname);
    if (to.tls?.verifies && !secure.authorized) fail(explainRefusal(secure), certificate);
    else settle({ kind: 'connected', socket, address, certificate });
  });
  socket.on('error', onError).on('close', onClose);
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  return promise;
}

function open({ hostname, port, addresses, attemptMs, tls: secure }: Destination): Socket {
  const options = {
    ...(addresses.length === 1 ? { host: addresses[0]?.address } : fromList(hostname, addresses, attemptMs)),
    port,
    noDelay: true,
  };
  if (secure === null) return net.connect(options as net.TcpNetConnectOpts);
  return tls.connect({
    ...(options as tls.ConnectionOptions),
    secureContext: secure.secureContext,
    servername: net.isIP(hostname) === 0 ? hostname : '',
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

/** Node has the code of what OpenSSL or the comparison of names found: as text, or in an error. */
function explainRefusal({ authorizationError }: tls.TLSSocket): Failure {
  const { code, message } = authorizationError as unknown as { code?: string; message?: string };
  const text = code ?? String(authorizationError);
  return { cause: classifyFailure(text, 'tls'), detail: message ?? text };
}
