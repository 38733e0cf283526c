import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import type { Certificate } from '../../domain/check/certificate.ts';
import { classifyFailure } from '../failure/classify-failure.ts';
import type { Failure } from '../failure/explain-error.ts';
import type { PhaseClock } from '../timing/phase-clock.ts';
import { closeAtStop } from './close-at-stop.ts';
import { presentedCertificate } from './presented-certificate.ts';
import type { ReadingBudget } from './reading-budget.ts';
import { socketReached } from './socket-reached.ts';
import type { Trust } from './trust.ts';
import { watchOverhead } from './watch-overhead.ts';

export interface Handshake extends Trust {
  /** False: any certificate is accepted */
  readonly verifies: boolean;
  /** True: old versions, small keys and old renegotiation are accepted */
  readonly acceptsLegacy: boolean;
  readonly budget: ReadingBudget;
}

type Secured = { readonly certificate: Certificate | null } & (
  | { readonly kind: 'secured'; readonly socket: tls.TLSSocket }
  | { readonly kind: 'failed'; readonly failure: Failure }
);

/**
 * Starts TLS on an open connection and judges the certificate. Destroys the connection if it does not accept it.
 *
 * @param hostname the certificate must be valid for it
 */
export async function shakeHands(
  plain: Socket,
  hostname: string,
  handshake: Handshake,
  clock: PhaseClock,
  stop: AbortSignal,
): Promise<Secured> {
  clock.enter('tls');
  const { authorities, verifies, budget } = handshake;
  const socket = openSecure(plain, hostname, handshake);
  const leaveOpen = closeAtStop(socket, stop);
  const stopWatching = watchOverhead(
    plain,
    () => 0,
    budget,
    () =>
      socket.destroy(Object.assign(new Error('the server never finished the handshake'), { code: 'EPROTO' })),
  );
  const failure = await socketReached(socket, 'secureConnect', clock, stop);
  stopWatching();
  if (failure) return { kind: 'failed', failure, certificate: null };
  const certificate = presentedCertificate(socket, hostname, authorities);
  if (!verifies || socket.authorized) {
    leaveOpen();
    return { kind: 'secured', socket, certificate };
  }
  socket.destroy();
  return { kind: 'failed', failure: explainRefusal(socket), certificate };
}

/** As small as some old appliances have them; Node's own limit is 1024. */
const LEGACY_DH_BITS = 512;

/** Needs an open connection, so that preparing the handshake does not count as connecting. */
function openSecure(
  plain: Socket,
  hostname: string,
  { secureContext, legacyContext, acceptsLegacy }: Handshake,
): tls.TLSSocket {
  plain.on('error', () => {}); // the TLS socket reports it as well
  return tls.connect({
    socket: plain,
    secureContext: acceptsLegacy ? legacyContext() : secureContext,
    ...(acceptsLegacy && { minDHSize: LEGACY_DH_BITS }),
    servername: net.isIP(hostname) === 0 ? hostname.replace(/\.$/, '') : '', // RFC 6066: no trailing dot
    checkServerIdentity: (_servername, certificate) => tls.checkServerIdentity(hostname, certificate),
    rejectUnauthorized: false, // we judge it ourselves, after reading what was presented
    ALPNProtocols: ['http/1.1'],
  });
}

/**
 * Node reports what OpenSSL or the comparison of names found as a code: as text or in an error. Some faults, such as
 * a weak key, have no code; since the handshake succeeded, the certificate is at fault.
 */
function explainRefusal({ authorizationError }: tls.TLSSocket): Failure {
  const { code, message } = authorizationError as unknown as { code?: string; message?: string };
  const text = code ?? String(authorizationError);
  const cause = classifyFailure(text, 'tls');
  const detail = text === 'UNSPECIFIED' ? 'the certificate is weak or breaks a rule' : (message ?? text);
  return { cause: cause === 'tls_failed' ? 'tls_untrusted' : cause, detail };
}
