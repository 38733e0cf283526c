import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Request, Response } from 'got';
import { createBodyText } from './body-text.ts';
import type { Failure } from './explain-error.ts';
import { explainError, explainTimeout } from './explain-error.ts';
import type { HopRequest, NextHop, Redirect } from './next-hop.ts';
import { nextHop } from './next-hop.ts';
import type { Phase, PhaseClock } from './phase-clock.ts';
import { readBody } from './read-body.ts';

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
}

/**
 * Bytes on the wire for each byte of body that is allowed, before the rest is cut: a body in chunks of
 * one byte would cost a second of this process for each MiB of it.
 */
const WIRE_BYTES_PER_BODY_BYTE = 2;
const WIRE_BYTES_MIN = 64 * 1024;

/**
 * Follows the stream of one request to its end, whichever comes first: the body's end, the body
 * cap, the headers of a redirect, an error, `stop`. What `stop` interrupts counts as answered once a
 * part of the body has come. Then everything is destroyed. Never rejects.
 */
export function exchange(
  stream: Request,
  socket: Socket,
  request: HopRequest,
  { followsRedirects, bodyBytesMax }: ExchangeSettings,
  clock: PhaseClock,
  stop: AbortSignal,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  let isOver = false;
  let status: number | null = null;
  let stopReading = (): void => {};
  let endAtDeadline = (): void => fail(explainTimeout(phaseWithoutHeaders(clock)));

  const finish = (end: Exchange): void => {
    if (isOver) return;
    isOver = true;
    clock.leave();
    stop.removeEventListener('abort', onStop);
    stopReading();
    stream.destroy();
    resolve(end);
  };
  const fail = (failure: Failure): void => finish({ kind: 'failed', status, failure });
  const failProtocol = (detail: string): void => fail({ cause: 'protocol_error', detail });
  const onStop = (): void => endAtDeadline();

  const onResponse = ({ statusCode, headers }: Response) => {
    if (!isStatus(statusCode)) return failProtocol(`status ${statusCode} is none of HTTP's`);
    status = statusCode;
    const next = followsRedirects ? nextHop(request, statusCode, headers.location) : NO_NEXT_HOP;
    if (next.kind !== 'none') {
      const setCookies = headers['set-cookie'] ?? [];
      return finish({ kind: 'redirected', status: statusCode, next, setCookies });
    }

    const body = createBodyText(headers['content-type'], bodyBytesMax);
    const answer = (bodyCut: boolean): void =>
      finish({ kind: 'answered', status: statusCode, body: body.text(bodyCut), bodyCut });
    endAtDeadline = () => (body.size() > 0 ? answer(true) : fail(explainTimeout('transfer')));
    stopReading = readBody(stream, headers['content-encoding'], body, end =>
      end.kind === 'broken' ? failProtocol(end.detail) : answer(end.kind === 'full'),
    );
    const wireBytesMax = WIRE_BYTES_MIN + WIRE_BYTES_PER_BODY_BYTE * bodyBytesMax;
    stream.on('data', () => (socket.bytesRead > wireBytesMax ? answer(true) : undefined));
  };

  stream.once('response', onResponse);
  stream.once('upgrade', (_response: unknown, socket: Duplex) => {
    socket.destroy(); // by now it belongs to nobody
    failProtocol('status 101 switches protocols, which nobody asked for');
  });
  stream.on('error', error => fail(explainError(error, clock.current()))); // stays: got may report twice
  stream.once('close', () => fail({ cause: 'connection_reset', detail: 'closed before the response ended' }));
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  return promise;
}

const NO_NEXT_HOP: NextHop = { kind: 'none' };

const isStatus = (status: number): boolean => status >= 100 && status <= 599;

/** A response that has begun, but not to the end of its headers, is still waited for. */
const phaseWithoutHeaders = (clock: PhaseClock): Phase | null =>
  clock.current() === 'transfer' ? 'ttfb' : clock.current();
