// The receiver for alerts.ts, in its own process: answers after the number of ms that its path ends in, and notes what came.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Arrival } from '../alerts.ts';

const arrivals: Arrival[] = [];
process.on('message', () => process.send?.(arrivals));
const server = createServer(async (request, response) => {
  const atMs = Date.now();
  const body = JSON.parse((await text(request)) || '{}');
  const { pathname } = new URL(`${request.url}`, 'http://receiver');
  arrivals.push({ path: pathname, atMs, about: body.data?.alert_id ?? body.dedup_key ?? body.text ?? '' });
  setTimeout(() => response.writeHead(202).end('{}'), Number(/\d*$/.exec(pathname)?.[0]));
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 });
await once(server, 'listening');
process.send?.((server.address() as AddressInfo).port);
process.once('disconnect', () => process.exit());
