import dgram from 'node:dgram';
import type { Address } from '../names/resolution.ts';

const ANY_PORT = 9;

/** Other errors, such as a lack of file descriptors, say nothing about routes. */
const LACK_OF_ROUTE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL', // this machine has no address in that family
  'EINVAL', // link-local without an interface
  'EACCES', // a prohibiting route
]);

/**
 * Whether this machine's own routing table has a route to an address.
 *
 * Connecting a UDP socket looks up the route and sends no packet. So a "no" comes from this machine; any other
 * "unreachable" comes from a router on the way.
 */
export const hasRouteTo = ({ address, family }: Address): Promise<boolean> =>
  new Promise(resolve => {
    const socket = dgram.createSocket(`udp${family}`);
    const answer = (hasRoute: boolean): void => {
      resolve(hasRoute);
      socket.removeAllListeners().on('error', () => {});
      socket.close();
    };
    // Events, not a callback: a callback would have to tell an error from success.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => answer(!LACK_OF_ROUTE.has(code ?? '')));
    socket.once('connect', () => answer(true));
    socket.connect(ANY_PORT, address);
  });
