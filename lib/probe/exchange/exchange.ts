import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Connection } from '../../net/connection/dial.ts';
import type { ReadingBudget } from '../../net/connection/reading-budget.ts';
import { watchOverhead } from '../../net/connection/watch-overhead.ts';
import { explainError } from '../../net/failure/explain-error.ts';
import type { PhaseClock } from '../../net/timing/phase-clock.ts';
import type { BodyText } from '../body/body-text.ts';
import type { HeldBody } from '../body/held-bodies.ts';
import type { BodyEnd, BodyReading } from '../body/read-body.ts';
import { readBody } from '../body/read-body.ts';
import { requestBytes } from '../request/request-bytes.ts';
import { codingsOf } from './framing.ts';
import { readResponse } from './read-response.ts';
import type { ResponseHead } from './response-head.ts';
import type { Exchange, ExchangeEvent, ExchangeRules, State } from './state.ts';
import { AWAITING_HEAD, advance } from './state.ts';

/** What to send and how to read the response. */
export interface ExchangeSettings extends ExchangeRules {
  readonly userAgent: string;
  readonly budget: ReadingBudget;
  readonly heldBody: HeldBody;
  /** The caller may use the connection again after an answer */
  readonly keepsAlive: boolean;
}

/**
 * Sends one request on an open connection and follows the response to its end: the end of the body, the body
 * cap, the head of a redirect, an error, or `stop`. `state.ts` decides; this file listens and cleans up.
 *
 * Retries nothing: a retry would hide the outage that we are here to notice. Destroys the connection, unless the
 * caller keeps connections and this one is free after an answer. Never rejects.
 */
export function exchange(
  { socket, wire }: Connection,
  settings: ExchangeSettings,
  clock: PhaseClock,
  stop: AbortSignal,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const { request, userAgent, keepsAlive, bodyBytesMax, budget, heldBody } = settings;
  let state: State = AWAITING_HEAD;
  let reading: BodyReading | null = null;
  let bodyBytes = 0;

  const on = (event: ExchangeEvent): void => {
    if (state.kind === 'over') return;
    state = advance(state, event, settings);
    if (state.kind === 'muted') socket.pause();
    if (state.kind === 'over') finish(state.end);
  };
  const body = new Readable({ read: () => void (state.kind === 'reading-body' && socket.resume()) });
  const onStop = (): void => on({ kind: 'stopped', phase: clock.current() });
  const onFlood = (): void => on({ kind: 'flooded' });
  const onBodyEnd = (end: BodyEnd): void => on({ kind: 'body-ended', end });
  const onHead = (head: ResponseHead): void => {
    on({ kind: 'head', head });
    if (state.kind === 'reading-body')
      reading = readBody(body, codingsOf(head), holding(state.body, heldBody), bodyBytesMax, onBodyEnd);
  };
  const response = readResponse(request.method, {
    onHead,
    onBody: bytes => {
      bodyBytes += bytes.length;
      if (!body.push(bytes)) socket.pause();
    },
    onEnd: () => body.push(null),
    onFlood,
    takeLines: budget.takeLines,
    onBroken: detail => on({ kind: 'failed', failure: { cause: 'protocol_error', detail } }),
  });

  const onData = (bytes: Buffer): void => {
    if (clock.current() === 'ttfb') clock.enter('transfer');
    response.read(bytes);
  };
  const onError = (error: Error): void => {
    if (!response.isComplete()) on({ kind: 'failed', failure: explainError(error, clock.current()) });
  };
  const onClosed = (): void => {
    response.end();
    if (!response.isComplete()) on(CLOSED);
  };
  const finish = (end: Exchange): void => {
    clock.leave();
    stop.removeEventListener('abort', onStop);
    stopWatching();
    reading?.stop();
    body.destroy();
    if (keepsAlive)
      setImmediate(letGo, end); // over TLS, Node may read a response before it calls the request written
    else letGo(end);
  };
  const letGo = (end: Exchange): void => {
    stopListening();
    const isFree = keepsAlive && end.kind === 'answered' && isSent(socket) && response.isReusable();
    if (!isFree) socket.destroy();
    resolve(end);
  };

  clock.enter('ttfb');
  const stopWatching = watchOverhead(wire, () => bodyBytes, budget, onFlood);
  stop.addEventListener('abort', onStop);
  const stopListening = listen(socket, { onData, onError, onClosed });
  socket.write(requestBytes(request, userAgent, keepsAlive));
  if (stop.aborted) onStop();
  return promise;
}

const holding =
  (text: BodyText, held: HeldBody): BodyText['add'] =>
  bytes => {
    held.grow(bytes.length);
    return text.add(bytes);
  };

const isSent = ({ writableLength }: Socket): boolean => writableLength === 0;

interface Listeners {
  readonly onData: (bytes: Buffer) => void;
  readonly onError: (error: Error) => void;
  readonly onClosed: () => void;
}

/** @returns a function that removes the listeners */
function listen(socket: Socket, { onData, onError, onClosed }: Listeners): () => void {
  socket.on('data', onData).on('error', onError).on('end', onClosed).on('close', onClosed);
  return () => {
    socket.off('data', onData).off('error', onError).off('end', onClosed).off('close', onClosed);
  };
}

const CLOSED: ExchangeEvent = { kind: 'closed' };
