import type { Socket } from 'node:net';
import type { Cause } from '../../../lib/domain/check/cause.ts';
import type { Target } from '../../../lib/domain/target/target.ts';

/** What a check says: up, up by the beginning of a body that was cut, or the cause of not being up. */
export type Expected = 'up' | 'cut' | Cause;

/** One way to misbehave, and what a check says of it. */
export type Misbehaviour<Doing> = readonly [
  what: string,
  expected: Expected,
  /** Of the last hop that had one */
  httpStatus: number | null,
  doing: Doing,
  /** How it must be asked, where a plain GET would not do */
  target?: Partial<Target>,
];

/** What the website was asked. */
export interface Asked {
  readonly url: URL;
  /** The request line and the headers, as they came */
  readonly head: string;
}

/** What the website does on a connection, once the headers of a request have come. */
export type Act = (socket: Socket, asked: Asked) => void;

export const OK = 'HTTP/1.1 200 OK\r\n';
export const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** A whole response, whose end needs no closing. */
export const response = (body: string | Uint8Array = 'ok', head = OK): Buffer =>
  Buffer.concat([toBytes(`${head}Content-Length: ${body.length}\r\n\r\n`), toBytes(body)]);

/** Sends `bytes` and nothing more; the connection stays open. */
export const say =
  (bytes: string | Uint8Array): Act =>
  socket => {
    socket.write(toBytes(bytes));
  };

/** Sends `bytes`, then closes. */
export const sayAndEnd =
  (bytes: string | Uint8Array): Act =>
  socket => {
    socket.end(toBytes(bytes));
  };

/** Sends `bytes`, then resets the connection. */
export const sayAndReset =
  (bytes: string | Uint8Array): Act =>
  socket => {
    socket.write(toBytes(bytes), () => socket.resetAndDestroy());
  };

/** Sends `first` and, after a while, `last`. */
export const sayInTwo =
  (first: string | Uint8Array, last: string | Uint8Array): Act =>
  socket => {
    socket.write(toBytes(first), () => setTimeout(() => socket.write(toBytes(last)), 20));
  };

/** Sends `head`, then `piece` for ever: every `everyMs`, or as fast as it is taken. */
export const sayForEver =
  (head: string | Uint8Array, piece: string | Uint8Array, everyMs = 0): Act =>
  socket => {
    socket.write(toBytes(head));
    const bytes = toBytes(piece);
    if (everyMs > 0) {
      const timer = setInterval(() => socket.write(bytes), everyMs);
      socket.once('close', () => clearInterval(timer));
      return;
    }
    const send = (): void => {
      while (!socket.destroyed && socket.write(bytes));
    };
    socket.on('drain', send);
    send();
  };

/** A byte for each character: what a row writes as `\xff` is the byte 255. */
export const toBytes = (bytes: string | Uint8Array): Uint8Array =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
