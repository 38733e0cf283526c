import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { readMetrics, readSpans, type SeenMetric, type SeenSpan } from './otlp.ts';
import { listenTracked, type TrackedServer } from './tracked-server.ts';

/** What OTLP is exported to, over HTTP as protobuf. */
export interface OtlpReceiver extends TrackedServer {
  readonly endpoint: string;
  readonly spans: readonly SeenSpan[];
  readonly metrics: readonly SeenMetric[];
  /** All bytes that it was sent, as text to look for secrets in */
  readonly sent: () => string;
  readonly headers: readonly NodeJS.Dict<string | string[]>[];
  /** Resolves at the next request, answered or not */
  readonly nextRequest: () => Promise<unknown>;
  /** Resolves once `holds` says true, asked anew at each request. */
  readonly until: (holds: () => boolean) => Promise<void>;
}

/** @param answers with this status, or not at all */
export async function startOtlpReceiver({
  status = 200,
}: {
  status?: number | null;
} = {}): Promise<OtlpReceiver> {
  const spans: SeenSpan[] = [];
  const metrics: SeenMetric[] = [];
  const bodies: Buffer[] = [];
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const events = new EventEmitter();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    bodies.push(body);
    headers.push(request.headers);
    if (request.url === '/v1/traces') spans.push(...readSpans(body));
    else if (request.url === '/v1/metrics') metrics.push(...readMetrics(body));
    else throw new Error(`nobody exports to ${request.url}`);
    if (status !== null) response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
    events.emit('request');
  });
  const tracked = await listenTracked(server);
  const nextRequest = () => once(events, 'request');
  return {
    ...tracked,
    endpoint: `http://127.0.0.1:${tracked.port}`,
    spans,
    metrics,
    headers,
    sent: () => Buffer.concat(bodies).toString('latin1'),
    nextRequest,
    until: async holds => {
      while (!holds()) await nextRequest();
    },
  };
}
