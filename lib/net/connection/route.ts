import dgram from 'node:dgram';
import type { Address } from '../names/resolution.ts';

const ANY_PORT = 9;

/** Any other error, such as a lack of file descriptors, says nothing about routes. */
const LACK_OF_ROUTE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL', // no address of ours in its family
  'EINVAL', // link-local, without saying by which interface
  'EACCES', // a route that prohibits
]);

/**
 * Whether this machine's own routing table leads to an address at all.
 *
 * Connecting a UDP socket looks the route up and sends no packet, so a "no" is the machine's own word:
 * what else says "unreachable" is a router on the way.
 */
export const hasRouteTo = ({ address, family }: Address): Promise<boolean> =>
  new Promise(resolve => {
    const socket = dgram.createSocket(`udp${family}`);
    const answer = (hasRoute: boolean): void => {
      resolve(hasRoute);
      socket.removeAllListeners().on('error', () => {});
      socket.close();
    };
    // By events: a callback is given the error as well, and would have to tell.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => answer(!LACK_OF_ROUTE.has(code ?? '')));
    socket.once('connect', () => answer(true));
    socket.connect(ANY_PORT, address);
  });
