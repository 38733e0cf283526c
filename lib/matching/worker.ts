import { parentPort } from 'node:worker_threads';
import type { Match } from '../domain/check/match.ts';
import { search } from './search.ts';
import type { MatchRequest, Report } from './thread.ts';

// Runs inside the thread that thread.ts starts: reports ready once, then answers one request after the other.
const report = (match: Match | null): void => {
  const { user, system } = process.threadCpuUsage();
  const message: Report = { match, cpuMs: (user + system) / 1_000 };
  parentPort?.postMessage(message);
};
parentPort?.on('message', ({ pattern, body }: MatchRequest) => report(search(pattern, body)));
report(null);
