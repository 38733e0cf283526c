import type { Duplex } from 'node:stream';
import type { Request, Response } from 'got';
import type { Connection } from '../net/connection/dial.ts';
import { watchOverhead } from '../net/connection/watch-overhead.ts';
import type { Failure } from '../net/failure/explain-error.ts';
import { explainError, explainTimeout } from '../net/failure/explain-error.ts';
import type { Phase, PhaseClock } from '../net/timing/phase-clock.ts';
import { createBodyText } from './body/body-text.ts';
import { readBody } from './body/read-body.ts';
import type { HopRequest, NextHop, Redirect } from './request/next-hop.ts';
import { nextHop } from './request/next-hop.ts';
import { faultOfStatusLine, isEndedByClosing, isTransferDecoded } from './response-head.ts';

/** How one hop ended. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      /** There was more of the body, past the cap or past the deadline */
      readonly bodyCut: boolean;
    }
  | {
      readonly kind: 'redirected';
      readonly status: number;
      readonly next: Redirect;
      readonly setCookies: readonly string[];
    }
  | { readonly kind: 'failed'; readonly status: number | null; readonly failure: Failure };

export interface ExchangeSettings {
  /** False: a redirect is an answer like any other */
  readonly followsRedirects: boolean;
  readonly bodyBytesMax: number;
  /** A connection that is free is of use: worth a turn of the event loop */
  readonly keeps: boolean;
}

/**
 * Follows the stream of one request to its end, whichever comes first: the body's end, the body
 * cap, the headers of a redirect, an error, `stop`. What `stop` interrupts counts as answered once a
 * part of the body has come. Then everything is destroyed, but for a connection that is free after an answer: that
 * one is the caller's to close. Never rejects.
 */
export function exchange(
  stream: Request,
  { socket, wire }: Connection,
  request: HopRequest,
  { followsRedirects, bodyBytesMax, keeps }: ExchangeSettings,
  clock: PhaseClock,
  stop: AbortSignal,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  let isOver = false;
  let isFree = false;
  let firstBytes: Buffer = Buffer.alloc(0);
  let status: number | null = null;
  let stopReading = (): void => {};
  let bodyBytes = (): number => 0;
  let endAtDeadline = (): void => fail(explainTimeout(phaseWithoutHeaders(clock)));
  let endOfNoise = (): void => void socket.pause(); // until the deadline, for it costs us nothing more

  const finish = (end: Exchange): void => {
    if (isOver) return;
    isOver = true;
    clock.leave();
    stop.removeEventListener('abort', onStop);
    stopWatching();
    stopReading();
    // Over TLS a whole response may be read before Node hears that the request was written: until then it is not free.
    if (keeps && !isFree && end.kind === 'answered' && !end.bodyCut) setImmediate(letGo, end);
    else letGo(end);
  };
  const letGo = (end: Exchange): void => {
    socket.off('free', onFree).off('data', onUnasked);
    stream.destroy();
    if (!isFree || end.kind !== 'answered') socket.destroy(); // got may not have come as far as to use it
    resolve(end);
  };
  const fail = (failure: Failure): void => finish({ kind: 'failed', status, failure });
  const failProtocol = (detail: string): void => fail({ cause: 'protocol_error', detail });
  const onStop = (): void => endAtDeadline();

  const onResponse = (response: Response) => {
    const { statusCode, headers } = response;
    const fault = faultOfStatusLine(firstBytes, statusCode);
    if (fault !== null) return failProtocol(fault);
    status = statusCode;
    if (!isTransferDecoded(headers)) return failProtocol('unknown transfer-encoding');
    const next = followsRedirects ? nextHop(request, statusCode, headers.location) : NO_NEXT_HOP;
    if (next.kind !== 'none') {
      const setCookies = headers['set-cookie'] ?? [];
      return finish({ kind: 'redirected', status: statusCode, next, setCookies });
    }

    const body = createBodyText(headers['content-type'], bodyBytesMax);
    const answer = (bodyCut: boolean): void =>
      finish({ kind: 'answered', status: statusCode, body: body.text(bodyCut), bodyCut });
    endAtDeadline = () => (body.size() > 0 ? answer(true) : fail(explainTimeout('transfer')));
    endOfNoise = () => answer(true);
    const reading = readBody(stream, headers['content-encoding'], body, bodyBytesMax, end => {
      if (end.kind === 'broken') return failProtocol(end.detail);
      const isReset = socket.errored && isEndedByClosing(request.method, statusCode, headers);
      return isReset ? fail(explainError(socket.errored, 'transfer')) : answer(end.kind === 'full');
    });
    stopReading = reading.stop;
    bodyBytes = () => response.readableLength + stream.readableLength + reading.codedBytes();
  };

  socket.prependOnceListener('data', (chunk: Buffer) => {
    firstBytes = chunk.subarray(0, FIRST_BYTES);
  });
  const onUnasked = (): void => {
    isFree = false; // whatever it is, the next response would begin with it
  };
  const onFree = (): void => {
    isFree = true;
    socket.once('data', onUnasked); // Node reads no further, and a body may take long to be decompressed
  };
  socket.once('free', onFree); // as Node says it to agents
  stream.once('response', onResponse);
  stream.once('upgrade', (_response: unknown, socket: Duplex) => {
    socket.destroy(); // by now it belongs to nobody
    failProtocol('status 101 switches protocols, which nobody asked for');
  });
  stream.on('error', error => fail(explainError(error, clock.current()))); // stays: got may report twice
  stream.once('close', () => fail({ cause: 'connection_reset', detail: 'closed before the response ended' }));
  const stopWatching = watchOverhead(
    wire,
    () => bodyBytes(),
    () => endOfNoise(),
  );
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  return promise;
}

const NO_NEXT_HOP: NextHop = { kind: 'none' };

const FIRST_BYTES = 16;

/** A response that has begun, but not to the end of its headers, is still waited for. */
const phaseWithoutHeaders = (clock: PhaseClock): Phase | null =>
  clock.current() === 'transfer' ? 'ttfb' : clock.current();
