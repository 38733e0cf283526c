import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Random, randomInteger } from '../support/random.ts';

/** A website without a fault of its own, which remembers who asked. */
export interface CountingWebsite {
  /** Under this every path answers 200 */
  readonly up: string;
  /** Under this every path answers 500, so that there are downs which are right */
  readonly down: string;
  readonly requests: readonly Request[];
  /** Longest time that it had no time to answer, in ms */
  readonly stalledMsMax: () => number;
  readonly close: () => Promise<void>;
}

export interface Request {
  readonly url: string;
  /** When it came, in ms since 1970 */
  readonly atMs: number;
  /** With when it was handed to the system; null where it never was */
  readonly answer: { readonly atMs: number; readonly status: number } | null;
}

/** Long enough that some faults meet checks under way */
const ANSWER_MS = { min: 5, max: 300 };
const BACKLOG = 4_096;

export async function startCountingWebsite(random: Random): Promise<CountingWebsite> {
  const requests: { url: string; atMs: number; answer: Request['answer'] }[] = [];
  const stalls = monitorEventLoopDelay();
  stalls.enable();

  const server = createServer((request, response) => {
    const asked: (typeof requests)[number] = {
      url: `${origin}${request.url}`,
      atMs: Date.now(),
      answer: null,
    };
    requests.push(asked);
    const status = request.url?.startsWith('/down/') ? 500 : 200;
    setTimeout(() => response.writeHead(status).end('asked and answered'), randomInteger(random, ANSWER_MS));
    response.once('finish', () => {
      asked.answer = { atMs: Date.now(), status };
    });
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG });
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    up: `${origin}/up`,
    down: `${origin}/down`,
    requests,
    stalledMsMax: () => stalls.max / 1e6,
    close: async () => {
      stalls.disable();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
