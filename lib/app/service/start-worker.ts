import { finalize, ReplaySubject } from 'rxjs';
import type { ServiceConfig } from '../../config/service-settings.ts';
import { runWorker } from '../run-worker.ts';
import type { WorkerParts } from '../worker-parts.ts';

/** Starts a worker. Closing the scope gives up on one that has not ended. */
export function startWorker(
  scope: AsyncDisposableStack,
  config: ServiceConfig,
  parts: Omit<WorkerParts, 'stopping' | 'aborting' | 'onStarted'>,
) {
  // Replayed: a lease pass may still be owed when they fire, and must see them.
  const stopping = new ReplaySubject<void>(1);
  const aborting = new ReplaySubject<void>(1);
  const started = Promise.withResolvers<boolean>();
  const ended = Promise.withResolvers<void>();
  const running = runWorker(
    { ...config, alerting: true },
    { ...parts, stopping, aborting, onStarted: () => started.resolve(true) },
  )
    .pipe(finalize(() => started.resolve(false)))
    .subscribe({ complete: ended.resolve, error: ended.reject });
  scope.defer(() => running.unsubscribe());
  return {
    started: started.promise,
    ended: ended.promise,
    stop: () => stopping.next(),
    abort: () => aborting.next(),
  };
}
