import type { Socket } from 'node:net';

/**
 * Watches whether a kept-alive connection can serve another request. It is free once Node says so, as it does
 * to agents; it stays free until unexpected bytes arrive, since the next response would begin with them.
 *
 * @returns a function that ends the watch and says whether the connection is free
 */
export function watchFree(socket: Socket): () => boolean {
  let isFree = false;
  const onUnexpected = (): void => {
    isFree = false;
  };
  const onFree = (): void => {
    isFree = true;
    socket.once('data', onUnexpected); // Node no longer reads, and decompressing the body may take a while
  };
  socket.once('free', onFree);
  return () => {
    socket.off('free', onFree).off('data', onUnexpected);
    return isFree;
  };
}
