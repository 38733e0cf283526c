import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Random, type Range, randomInteger, randomLetters, seededRandom } from './random.ts';

export interface MockServerSettings {
  readonly host: string;
  /** 0 takes any free port */
  readonly port: number;
  /** Percentage of answers that take `fastMs`; the others take `slowMs` */
  readonly fastPercent: number;
  readonly fastMs: Range;
  readonly slowMs: Range;
  readonly status: number;
  readonly bodyLength: number;
  /** Decides the delays and the bodies */
  readonly seed: number;
}

/** A website on which every path answers, after a delay, with random lower-case letters. */
export interface MockServer {
  /** Without a slash at its end */
  readonly url: string;
  /** Received requests by path without query, answered or not */
  readonly requestsByPath: ReadonlyMap<string, number>;
  /** Cuts every connection, at once. */
  readonly close: () => Promise<void>;
}

export const MOCK_SERVER_DEFAULTS: MockServerSettings = {
  host: '127.0.0.1',
  port: 8080,
  fastPercent: 90,
  fastMs: { min: 5, max: 500 },
  slowMs: { min: 5_000, max: 30_000 },
  status: 200,
  bodyLength: 100,
  seed: 1,
};

const BACKLOG = 4_096; // connections that the system queues until we accept them, up to its own limit

/** Resolves once it listens; rejects if it cannot. */
export const startMockServer = async (given: Partial<MockServerSettings> = {}): Promise<MockServer> => {
  const settings = { ...MOCK_SERVER_DEFAULTS, ...given };
  const random = seededRandom(settings.seed);
  const requestsByPath = new Map<string, number>();

  const server = createServer((request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?');
    requestsByPath.set(path, (requestsByPath.get(path) ?? 0) + 1);
    request.resume();
    const answering = setTimeout(
      () => {
        response.writeHead(settings.status, { 'content-type': 'text/plain' });
        response.end(randomLetters(random, settings.bodyLength));
      },
      answerDelayMs(random, settings),
    );
    response.once('close', () => clearTimeout(answering)); // leaves no timer behind if the client hung up
  });
  server.listen({ host: settings.host, port: settings.port, backlog: BACKLOG });
  await once(server, 'listening');

  const close = (): Promise<void> =>
    new Promise(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${inUrl(settings.host)}:${port}`, requestsByPath, close };
};

export const answerDelayMs = (random: Random, { fastPercent, fastMs, slowMs }: MockServerSettings): number =>
  randomInteger(random, random() * 100 < fastPercent ? fastMs : slowMs);

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
