import type { Socket } from 'node:net';
import { lookPeriodically } from '../timing/look-periodically.ts';

/** Certificates (100 KB at most), headers (64 KiB at most) and the frame of a small body, with room to spare. */
const NOISE_BYTES_MAX = 256 * 1024;

/**
 * Calls `onNoise` once more has come from now on than a body of `bodyBytes` explains: handshakes made again and again,
 * announcements (status 1xx), empty lines, chunks of one byte. Such a flood would take a whole processor
 * until the deadline.
 *
 * Looks now and then, for what TLS does shows in no event.
 *
 * @param wire below TLS, where there is TLS
 * @returns a function that ends the watch
 */
export function watchOverhead(wire: Socket, bodyBytes: () => number, onNoise: () => void): () => void {
  const before = wire.bytesRead;
  const stopLooking = lookPeriodically(() => {
    if (wire.bytesRead - before <= NOISE_BYTES_MAX + 2 * bodyBytes()) return;
    stopLooking();
    onNoise();
  });
  return stopLooking;
}
