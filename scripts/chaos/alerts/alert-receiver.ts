import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ReceivedNews } from '../../history/alert-tables.ts';
import { readNews } from '../../history/read-news.ts';
import { type Random, randomInteger } from '../../support/random.ts';

/** Takes alerts, and often does not answer as it should. Remembers every message. */
export interface AlertReceiver {
  /** Under which each channel has a path of its own, its name */
  readonly origin: string;
  /** Of webhooks; messages to people do not tell alerts apart */
  readonly received: (channelIds: ReadonlyMap<string, string>) => readonly ReceivedNews[];
  readonly messageCount: () => number;
  /** Takes everything from now on */
  readonly calmDown: () => void;
  readonly close: () => Promise<void>;
}

type Behaviour = 'accepts' | 'fails' | 'resets' | 'hangs' | 'limits';

/** Up to which of a hundred equally likely numbers */
const BEHAVIOURS: readonly (readonly [upTo: number, Behaviour])[] = [
  [3, 'hangs'],
  [13, 'resets'],
  [23, 'fails'],
  [30, 'limits'],
];
const ANSWER_MS = { min: 1, max: 50 };

interface Logged {
  readonly channel: string;
  readonly messageId: string;
  readonly atMs: number;
  readonly body: string;
  isAccepted: boolean;
}

export async function startAlertReceiver(random: Random): Promise<AlertReceiver> {
  const messages: Logged[] = [];
  let isCalm = false;
  const server = createServer(async (request, response) => {
    const atMs = Date.now();
    const body = await text(request).catch(() => null);
    if (body === null) return; // the worker died meanwhile
    const { 'webhook-id': id = '' } = request.headers;
    const message: Logged = {
      channel: `${request.url}`.slice(1),
      messageId: `${id}`,
      atMs,
      body,
      isAccepted: false,
    };
    messages.push(message);
    const behaviour = isCalm ? 'accepts' : behaviourFor(randomInteger(random, { min: 0, max: 99 }));
    setTimeout(() => answer(response, behaviour, message), randomInteger(random, ANSWER_MS));
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return {
    origin: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: channelIds =>
      messages.flatMap(({ channel, body, ...message }) => {
        const channelId = channelIds.get(channel);
        if (channelId === undefined || message.messageId === '') return [];
        return [{ ...message, channelId, ...readNews(body) }];
      }),
    messageCount: () => messages.length,
    calmDown: () => {
      isCalm = true;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const behaviourFor = (percent: number): Behaviour =>
  BEHAVIOURS.find(([upTo]) => percent < upTo)?.[1] ?? 'accepts';

function answer(response: ServerResponse, behaviour: Behaviour, message: Logged): void {
  if (behaviour === 'hangs') return; // until the worker gives up
  if (behaviour === 'resets') return void response.socket?.resetAndDestroy();
  if (behaviour === 'limits') return void response.writeHead(429, { 'retry-after': '1' }).end();
  if (behaviour === 'fails') return void response.writeHead(500).end();
  message.isAccepted = response.socket?.destroyed === false;
  response.writeHead(200).end('ok');
}
