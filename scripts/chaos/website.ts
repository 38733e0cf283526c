import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Random, randomInteger } from '../support/random.ts';

/** A website without faults that remembers every request. */
export interface CountingWebsite {
  /** Every path under this answers 200 */
  readonly up: string;
  /** Every path under this answers 500, so that some checks are rightly down */
  readonly down: string;
  readonly requests: readonly Request[];
  /** Longest time for which it could not answer, in ms */
  readonly stalledMsMax: () => number;
  readonly close: () => Promise<void>;
}

export interface Request {
  readonly url: string;
  /** When the request arrived, in ms since 1970 */
  readonly atMs: number;
  /** With the time at which the answer was handed to the system; null if it never was */
  readonly answer: { readonly atMs: number; readonly status: number } | null;
}

/** Long enough that some faults hit running checks */
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
