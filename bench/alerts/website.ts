// The website for alerts.ts, in its own process: those of its paths /N are down whose N lies in the range that it is told.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let [from, until] = [0, 0];
process.on('message', (range: [number, number]) => {
  [from, until] = range;
});
const server = createServer((request, response) => {
  const number = Number(request.url?.slice(1));
  const isDown = number >= from && number < until;
  response.writeHead(isDown ? 503 : 200, { 'content-length': '0' }).end();
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 });
await once(server, 'listening');
process.send?.((server.address() as AddressInfo).port);
process.once('disconnect', () => process.exit());
