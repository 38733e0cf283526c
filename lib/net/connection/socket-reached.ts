import type { Socket } from 'node:net';
import { explainError, explainTimeout, type Failure } from '../failure/explain-error.ts';
import type { PhaseClock } from '../timing/phase-clock.ts';

/**
 * Waits for the event that ends a phase, and ends the phase with it.
 *
 * @returns null once it has come; else why it will not, with the socket destroyed
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
    if (failure) socket.on('error', () => {}).destroy(); // it may have more to say
    resolve(failure);
  };
  const onEvent = (): void => settle(null);
  const onError = (error: unknown): void => settle(explainError(error, clock.current()));
  const onClose = (): void => settle({ cause: 'connection_reset', detail: 'closed while connecting' });
  const onStop = (): void => settle(explainTimeout(clock.current()));

  socket.on(event, onEvent).on('error', onError).on('close', onClose);
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  return promise;
}
