import type { Socket } from 'node:net';
import { lookPeriodically } from '../timing/look-periodically.ts';

/** Room for certificates (at most 100 KB), headers (at most 64 KiB) and the framing of a small body, with some to spare. */
const OVERHEAD_BYTES_MAX = 256 * 1024;

/**
 * Calls `onOverhead` once if more bytes arrive from now on than a body of `bodyBytes` explains: repeated handshakes,
 * announcements (status 1xx), empty lines, chunks of one byte. Such a flood would keep a processor busy until the
 * deadline.
 *
 * Polls, because what TLS reads shows in no event.
 *
 * @param wire the TCP socket, below TLS
 * @returns a function that ends the watch
 */
export function watchOverhead(wire: Socket, bodyBytes: () => number, onOverhead: () => void): () => void {
  const before = wire.bytesRead;
  const stopLooking = lookPeriodically(() => {
    if (wire.bytesRead - before <= OVERHEAD_BYTES_MAX + 2 * bodyBytes()) return;
    stopLooking();
    onOverhead();
  });
  return stopLooking;
}
