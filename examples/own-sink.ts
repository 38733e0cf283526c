/**
 * Adds a sink: sends each recorded check to every EventSource connected to http://127.0.0.1:8080.
 *
 *   node own-sink.ts postgres://localhost/postgres https://example.org 8080
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mergeMap } from 'rxjs';
import { type Check, createMonitor } from 'website-monitor';

const [dsn = 'postgres://localhost/postgres', url = 'https://example.org', port = '8080'] =
  process.argv.slice(2);

const readers = new Set<ServerResponse>();
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  readers.add(response);
  response.once('close', () => readers.delete(response));
});
server.listen(Number(port), '127.0.0.1', () =>
  console.log(`listening on port ${(server.address() as AddressInfo).port}`),
);

function send({ lease, verdict, phases }: Check): void {
  const event = { url: lease.target.url, outcome: verdict.outcome, ms: phases.totalUs / 1_000 };
  for (const reader of readers) {
    // A client that does not read must not fill our memory; it can reconnect.
    if (!reader.write(`data: ${JSON.stringify(event)}\n\n`)) reader.destroy();
  }
}

const running = createMonitor({
  dsn,
  websites: [{ url, everyMs: 1_000 }],
  privateTargets: { all: false, ranges: ['127.0.0.1'] }, // allows websites on this machine
})
  .pipe(mergeMap(({ recorded }) => recorded))
  .subscribe(send);

process.once('SIGINT', () => {
  running.unsubscribe();
  server.close();
  server.closeAllConnections();
});
