import { parentPort } from 'node:worker_threads';
import { search } from './search.ts';
import type { MatchRequest } from './thread.ts';

// Runs inside the thread that thread.ts starts: reports ready once, then answers one request after the other.
parentPort?.on('message', ({ pattern, body }: MatchRequest) => {
  parentPort?.postMessage(search(pattern, body));
});
parentPort?.postMessage('ready');
