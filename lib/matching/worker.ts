import { parentPort } from 'node:worker_threads';
import { search } from './search.ts';
import type { MatchRequest } from './thread.ts';

// The thread's end of thread.ts: says once that it is ready, then answers each request in turn.
parentPort?.on('message', ({ pattern, body }: MatchRequest) => {
  parentPort?.postMessage(search(pattern, body));
});
parentPort?.postMessage('ready');
