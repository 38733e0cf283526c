import type { Socket } from 'node:net';
import { explainError, explainTimeout, type Failure } from '../failure/explain-error.ts';
import type { PhaseClock } from '../timing/phase-clock.ts';

/**
 * Waits for the event that ends a phase, and ends the phase.
 *
 * @returns null once the event has happened; else the failure, and the socket is destroyed
 */
export function socketReached(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  clock: PhaseClock,
  stop: AbortSignal,
): Promise<Failure | null> {
  const { promise, resolve } = Promise.withResolvers<Failure | null>();
  const settle = (failure: Failure | null): void => {
    clock.leave();
    stop.removeEventListener('abort', onStop);
    socket.off(event, onEvent).off('error', onError).off('close', onClose);
    if (failure) socket.on('error', () => {}).destroy(); // more errors may follow
    resolve(failure);
  };
  const onEvent = (): void => settle(null);
  const onError = (error: unknown): void => settle(explainError(error, clock.current()));
  const onClose = (): void =>
    settle({ cause: 'connection_reset', detail: 'the connection closed during set-up' });
  const onStop = (): void => settle(explainTimeout(clock.current()));

  socket.on(event, onEvent).on('error', onError).on('close', onClose);
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  return promise;
}
