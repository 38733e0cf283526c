import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createIdentity } from '../certificates.ts';
import type { Asked, Misbehaviour } from './misbehaviour.ts';
import { OK, response, sayForEver, toBytes } from './misbehaviour.ts';
import { oldServer } from './old-tls.ts';
import type { Serve } from './serving.ts';
import { onceSecure } from './serving.ts';
import { authority, HOSTS, trusted } from './tls-certificates.ts';
import { alert } from './tls-handshakes.ts';

const secured = (act: (socket: TLSSocket, wire: Socket) => unknown): Serve => onceSecure(trusted, act);
const then = (bytes: string, act: (wire: Socket) => unknown): Serve =>
  secured((socket, wire) => socket.write(bytes, () => act(wire)));

/** Renegotiates for as long as the other side does, which costs that about as much. */
const renegotiate: Serve = onceSecure({ ...trusted, maxVersion: 'TLSv1.2' }, socket => {
  const again = (): void => {
    if (!socket.destroyed) socket.renegotiate({}, () => setImmediate(again));
  };
  again();
});

/** Renegotiates once the request is there, then answers. */
const renegotiateOnce: Serve = onceSecure({ ...trusted, maxVersion: 'TLSv1.2' }, socket =>
  socket.once('data', () => socket.renegotiate({}, () => socket.end(response()))),
);
const withRsaKey = createIdentity(HOSTS, authority, { rsaBits: 2_048 });
const OLD_TLS = { acceptsLegacyTls: true };

const GARBAGE = Buffer.alloc(1_000, 'garbage');
const UNENDED = `${OK}\r\nhello`;
const HALF = `${OK}Content-Length: 9\r\n\r\nhalf`;
const SETTINGS = toBytes('\0\0\0\x04\0\0\0\0\0');

/** What goes wrong over TLS that stands. */
export const SECURED: readonly Misbehaviour<Serve>[] = [
  ['silence over TLS', 'response_timeout', null, secured(() => {})],
  ['a connection closed over TLS', 'connection_reset', null, secured(socket => socket.end())],
  ['a reset below TLS', 'connection_reset', null, secured((_socket, wire) => wire.resetAndDestroy())],
  ['garbage below TLS', 'tls_failed', null, secured((_socket, wire) => wire.write(GARBAGE))],
  ['garbage below TLS amid the body', 'tls_failed', 200, then(UNENDED, wire => wire.write(GARBAGE))],
  ['an alert below TLS amid the body', 'tls_failed', 200, then(UNENDED, wire => wire.write(alert(2, 80)))],
  ['a body up to the end below TLS', 'up', 200, then(UNENDED, wire => wire.destroy())],
  ['half a body and the end below TLS', 'connection_reset', 200, then(HALF, wire => wire.destroy())],
  ['HTTP/2 where HTTP/1.1 was agreed on', 'protocol_error', null, secured(socket => socket.write(SETTINGS))],
  ['handshakes without end', 'response_timeout', null, renegotiate],
  ['a second handshake', 'up', 200, renegotiateOnce],
  ['no word of secure renegotiation', 'tls_failed', null, oldServer(withRsaKey, { renegotiates: false })],
  [
    'no word of secure renegotiation, and old TLS is accepted',
    'up',
    200,
    oldServer(withRsaKey, { renegotiates: false }),
    OLD_TLS,
  ],
  ['a second handshake of old', 'tls_failed', null, oldServer(withRsaKey, { renegotiates: true })],
  [
    'a second handshake of old, and old TLS is accepted',
    'up',
    200,
    oldServer(withRsaKey, { renegotiates: true }),
    OLD_TLS,
  ],
  [
    'a body in records of one byte',
    'cut',
    200,
    secured(socket => sayForEver(`${OK}\r\n`, 'x')(socket, {} as Asked)),
  ],
];
