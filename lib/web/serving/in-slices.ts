import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Fits 28 of the shortest requests; a usual one takes one or two slices. */
const SLICE_BYTES = 512;

/**
 * Returns a stream over `socket` that hands on what the client sends in small slices: the next one once `turn`
 * resolves and the event loop has served the other connections.
 *
 * Node's parser reads up to 64 KiB at once, and makes objects of all requests in it, even after the
 * connection was cut. Clients that pipeline could fill the heap and hold up the event loop for seconds.
 *
 * @param turn resolves when the requests received so far are answered. Never rejects
 */
export function inSlices(socket: Socket, turn: () => Promise<void>): Duplex {
  let received: Buffer = Buffer.alloc(0);
  let isWanted = false;
  let isOccupied = false;

  const next = (): void => {
    if (!isWanted || isOccupied) return;
    if (received.length === 0) received = socket.read() ?? received;
    if (received.length > 0) handOn(received.subarray(0, SLICE_BYTES));
    else if (socket.readableEnded) stream.push(null);
  };
  const handOn = (slice: Buffer): void => {
    received = received.subarray(slice.length);
    isWanted = false;
    isOccupied = true;
    stream.push(slice);
    setImmediate(async () => {
      await turn();
      isOccupied = false;
      next();
    });
  };

  const stream = new Duplex({
    highWaterMark: SLICE_BYTES,
    read: () => {
      isWanted = true;
      next();
    },
    write: (bytes, _encoding, done) => void socket.write(bytes, done),
    final: done => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket
    .on('readable', next)
    .on('end', next)
    .on('error', () => {}) // `close` follows
    .once('close', () => stream.destroy());
  return stream;
}
