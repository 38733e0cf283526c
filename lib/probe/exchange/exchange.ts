import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Connection } from '../../net/connection/dial.ts';
import { watchOverhead } from '../../net/connection/watch-overhead.ts';
import { explainError } from '../../net/failure/explain-error.ts';
import type { PhaseClock } from '../../net/timing/phase-clock.ts';
import type { BodyReading } from '../body/read-body.ts';
import { readBody } from '../body/read-body.ts';
import type { SendRequest } from '../request/send-request.ts';
import { FIRST_BYTES, forbidsBody } from './response-head.ts';
import type { Exchange, ExchangeEvent, ExchangeRules, State } from './state.ts';
import { AWAITING_HEAD, advance } from './state.ts';
import { watchFree } from './watch-free.ts';

/** What to send and how to read the response. */
export interface ExchangeSettings extends ExchangeRules {
  readonly send: SendRequest;
  /** The caller may use the connection again after an answer */
  readonly keepsAlive: boolean;
}

/**
 * Sends one request on an open connection and follows the response to its end: the end of the body, the body
 * cap, the head of a redirect, an error, or `stop`. `state.ts` decides; this file listens and cleans up.
 *
 * Destroys the connection, unless the caller keeps connections and this one is free after an answer. Never
 * rejects.
 */
export function exchange(
  { socket, wire }: Connection,
  settings: ExchangeSettings,
  clock: PhaseClock,
  stop: AbortSignal,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const isFree = settings.keepsAlive ? watchFree(socket) : NEVER_FREE;
  let state: State = AWAITING_HEAD;
  let response: IncomingMessage | null = null;
  let reading: BodyReading | null = null;
  let firstBytes: Buffer = NO_BYTES;

  const on = (event: ExchangeEvent): void => {
    if (state.kind === 'over') return;
    state = advance(state, event, settings);
    if (state.kind === 'muted') socket.pause();
    if (state.kind === 'over') finish(state.end);
  };
  const onStop = (): void => on({ kind: 'stopped', phase: clock.current() });
  const onResponse = (incoming: IncomingMessage): void => {
    response = incoming.once('error', () => on(CLOSED));
    on({ kind: 'head', head: { status: incoming.statusCode ?? 0, headers: incoming.headers, firstBytes } });
    if (state.kind !== 'reading-body') return;
    reading = readBody(incoming, state.body, settings.bodyBytesMax, end => on({ kind: 'body-ended', end }));
  };
  const finish = (end: Exchange): void => {
    clock.leave();
    stop.removeEventListener('abort', onStop);
    stopWatching();
    reading?.stop();
    // Over TLS, Node may read a whole response before it knows that the request is written. The connection
    // becomes free one turn of the event loop later.
    if (settings.keepsAlive && end.kind === 'answered' && !end.bodyCut) setImmediate(letGo, end);
    else letGo(end);
  };
  const letGo = (end: Exchange): void => {
    const isKept = isFree() && end.kind === 'answered';
    request.destroy(); // does nothing if the connection is free
    if (!isKept) socket.destroy();
    resolve(end);
  };

  clock.enter('ttfb');
  const request: ClientRequest = settings.send(settings.request, socket, settings.keepsAlive);
  // Runs before the parser, so that the phase has changed when the parser's events arrive.
  socket.prependOnceListener('data', (chunk: Buffer) => {
    clock.enter('transfer');
    firstBytes = chunk.subarray(0, FIRST_BYTES);
  });
  request.once('response', onResponse);
  request.once('upgrade', (_response, detached) => {
    detached.destroy(); // Node no longer owns it
    on({ kind: 'switched-protocols' });
  });
  request.on('error', error => {
    if (!isWhole(response)) on({ kind: 'failed', failure: explainError(error, clock.current()) });
  });
  request.once('close', () => {
    if (response === null) on(CLOSED);
  });
  const stopWatching = watchOverhead(
    wire,
    () => (response?.readableLength ?? 0) + (reading?.codedBytes() ?? 0),
    () => on({ kind: 'flooded' }),
  );
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  return promise;
}

const NO_BYTES = Buffer.alloc(0);
const NEVER_FREE = (): boolean => false;
const CLOSED: ExchangeEvent = { kind: 'closed' };

/**
 * Whether a response is complete. Then it stands, whatever follows: more bytes than announced, another response, a
 * reset. Otherwise the outcome would depend on how the network cuts packets.
 */
const isWhole = (response: IncomingMessage | null): boolean =>
  response?.complete === true && !forbidsBody(response.statusCode ?? 0);
