import dgram from 'node:dgram';
import type { Address } from './resolution.ts';

const ANY_PORT = 9;

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
      socket
        .removeAllListeners()
        .on('error', () => {})
        .close();
    };
    socket.once('error', () => answer(false));
    socket.connect(ANY_PORT, address, () => answer(true));
  });
