import { parentPort, workerData } from 'node:worker_threads';
import type { Served, ServingOptions } from '../messages.ts';
import { createHandover } from './handover.ts';
import { workerRoutes } from './routes.ts';
import { startServer } from './server.ts';
import { targetsRoute } from './targets-route.ts';

// Runs inside the thread that start-serving.ts starts. Import little here: all of it takes memory twice.
const { host, port, targets, ...known }: ServingOptions = workerData;
const post = (message: Served): void => parentPort?.postMessage(message);

const handover = createHandover({
  ...known,
  askForMetrics: () => post({ kind: 'metrics-wanted' }),
  nowMs: () => performance.now(),
});
parentPort?.on('message', handover.receive);

try {
  const routes = workerRoutes(handover, targets && targetsRoute(targets));
  const { url } = await startServer({ host, port, routes });
  post({ kind: 'listening', url });
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  post({ kind: 'refused', code: code ?? message });
}
