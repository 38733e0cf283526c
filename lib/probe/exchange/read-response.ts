import type { Method } from '../../domain/target/target.ts';
import { type Framing, framingOf } from './framing.ts';
import { readChunks } from './read-chunks.ts';
import { readHead } from './read-head.ts';
import type { ResponseHead } from './response-head.ts';

export interface ResponseEvents {
  readonly onHead: (head: ResponseHead) => void;
  /** Some bytes of the body, chunks joined */
  readonly onBody: (bytes: Buffer) => void;
  /** The response is complete: whatever follows, it stands */
  readonly onEnd: () => void;
  /** What came is not HTTP */
  readonly onBroken: (detail: string) => void;
  /** There were more lines than `takeLines` allows. The rest is not read */
  readonly onFlood: () => void;
  /** Called with how many lines came; false if they are too many */
  readonly takeLines: (lines: number) => boolean;
}

export interface ResponseReading {
  readonly read: (bytes: Buffer) => void;
  /** The connection has ended, and with it a body of open length */
  readonly end: () => void;
  readonly isComplete: () => boolean;
  /** The response is complete, nothing has followed it, and the server means to keep the connection open */
  readonly isReusable: () => boolean;
}

/** Takes bytes and returns those that it leaves: none unless the response is complete or broken. */
type Take = (bytes: Buffer) => Buffer;

/** Reads the response to a request with `method` from a connection, however its bytes are cut into packets. */
export function readResponse(method: Method, events: ResponseEvents): ResponseReading {
  const headSoFar = readHead(events.takeLines);
  let framing: Framing['kind'] | null = null;
  let isPersistent = false;
  let isComplete = false;
  let hasExcess = false;

  const stop = (tell: () => void): Buffer => {
    take = ignore;
    tell();
    return NO_BYTES;
  };
  const fail = (detail: string): Buffer => stop(() => events.onBroken(detail));
  const complete = (rest: Buffer): Buffer => {
    isComplete = true;
    stop(events.onEnd);
    return rest;
  };
  const ignore: Take = bytes => {
    hasExcess ||= bytes.length > 0;
    return NO_BYTES;
  };

  const takeHead: Take = bytes => {
    const so = headSoFar(bytes);
    if (so.kind === 'more') return NO_BYTES;
    if (so.kind === 'broken') return fail(so.detail);
    if (so.kind === 'flooded') return stop(events.onFlood);
    const body = framingOf(so.head, method);
    framing = body.kind;
    isPersistent = keepsOpen(so.head) && framing !== 'open';
    take = takeBody(body);
    events.onHead(so.head);
    const isEmpty = body.kind === 'none' || (body.kind === 'length' && body.bytes === 0);
    return isEmpty ? complete(so.rest) : so.rest;
  };
  const takeBody = (body: Framing): Take => {
    if (body.kind === 'chunks') return takeChunks();
    if (body.kind !== 'length') return takeAll;
    let bytesLeft = body.bytes;
    return bytes => {
      const own = bytes.subarray(0, bytesLeft);
      bytesLeft -= own.length;
      events.onBody(own);
      return bytesLeft === 0 ? complete(bytes.subarray(own.length)) : NO_BYTES;
    };
  };
  const takeAll: Take = bytes => {
    events.onBody(bytes);
    return NO_BYTES;
  };
  const takeChunks = (): Take => {
    const chunksSoFar = readChunks(events.onBody, events.takeLines);
    return bytes => {
      const so = chunksSoFar(bytes);
      if (so.kind === 'more') return NO_BYTES;
      if (so.kind === 'flooded') return stop(events.onFlood);
      return so.kind === 'ended' ? complete(so.rest) : fail(so.detail);
    };
  };

  let take = takeHead;
  return {
    read: bytes => {
      for (let rest = bytes; rest.length > 0; ) rest = take(rest);
    },
    end: () => {
      if (framing === 'open' && !isComplete) complete(NO_BYTES);
    },
    isComplete: () => isComplete,
    isReusable: () => isComplete && isPersistent && !hasExcess,
  };
}

/** Whether the server keeps the connection open: https://www.rfc-editor.org/rfc/rfc9112#section-9.3 */
function keepsOpen({ isPersistent, headers }: ResponseHead): boolean {
  const wishes = (headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map(wish => wish.trim());
  return !wishes.includes('close') && (isPersistent || wishes.includes('keep-alive'));
}

const NO_BYTES: Buffer = Buffer.alloc(0);
