import type { Socket } from 'node:net';
import { lookPeriodically } from '../timing/look-periodically.ts';
import type { ReadingBudget } from './reading-budget.ts';

/** Room for certificates (at most 100 KB), headers (at most 64 KiB) and the framing of a small body, with some to spare. */
const OVERHEAD_BYTES_MAX = 256 * 1024;

/**
 * Calls `onOverhead` once if more bytes arrive from now on than twice a body of `bodyBytes` and 256 KiB, or what is left
 * of the budget: repeated handshakes, announcements (status 1xx), empty lines, chunks of one byte. Such a flood would
 * keep a processor busy until the deadline.
 *
 * Polls, because what TLS reads shows in no event.
 *
 * @param wire the TCP socket, below TLS
 * @returns a function that ends the watch and takes the overhead from the budget; call it once
 */
export function watchOverhead(
  wire: Socket,
  bodyBytes: () => number,
  budget: ReadingBudget,
  onOverhead: () => void,
): () => void {
  const before = wire.bytesRead;
  const overheadBytes = (): number => Math.max(0, wire.bytesRead - before - 2 * bodyBytes());
  const bytesMax = Math.min(OVERHEAD_BYTES_MAX, budget.bytesLeft());
  const stopLooking = lookPeriodically(() => {
    if (overheadBytes() <= bytesMax) return;
    stopLooking();
    onOverhead();
  });
  return () => {
    stopLooking();
    budget.takeBytes(overheadBytes());
  };
}
