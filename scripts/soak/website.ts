import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What it does with every request: answers, cuts the connection, or stays silent. */
export type Mood = 'well' | 'resetting' | 'silent';

export interface MoodyWebsite {
  /** Without a slash at its end */
  readonly url: string;
  readonly be: (mood: Mood) => void;
  readonly close: () => Promise<void>;
}

const BODY = 'abcdefghij'.repeat(100);
/** Served under /heavy: slow for some patterns */
const HEAVY_BODY = 'ab'.repeat(10_000);

export async function startMoodyWebsite(): Promise<MoodyWebsite> {
  let mood: Mood = 'well';
  const server = createServer((request, response) => {
    if (mood === 'resetting') request.socket.resetAndDestroy();
    else if (mood === 'well') response.end(request.url?.startsWith('/heavy') ? HEAVY_BODY : BODY);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    be: next => {
      mood = next;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
