import type { ClientRequest } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Phase } from '../../net/timing/phase-clock.ts';

/**
 * Reports the phases that a request on a new connection enters. The request leaves with the connection, so from
 * `ttfb` on the receiver may have it.
 */
export function followPhases(request: ClientRequest, isTls: boolean, onPhase: (phase: Phase) => void): void {
  request.once('socket', socket => {
    socket.once('connect', () => onPhase(isTls ? 'tls' : 'ttfb'));
    if (isTls) (socket as TLSSocket).once('secureConnect', () => onPhase('ttfb'));
  });
}
