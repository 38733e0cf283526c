import type { Socket } from 'node:net';
import { createIdentity, dhParameters } from '../certificates.ts';
import type { Asked, Misbehaviour } from './misbehaviour.ts';
import { sayForEver } from './misbehaviour.ts';
import type { Serve } from './serving.ts';
import { onConnection, onceGreeted, onTamperedWire } from './serving.ts';
import { as, authority, HOSTS, trusted } from './tls-certificates.ts';

const HANDSHAKE = 22;
const record = (type: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, content.length >> 8, content.length & 0xff]), content]);
export const alert = (level: number, description: number): Buffer =>
  record(21, Buffer.from([level, description]));

const alerting = (level: number, description: number): Serve =>
  onceGreeted(socket => socket.end(alert(level, description)));
const forEver = (piece: Uint8Array): Serve =>
  onceGreeted(socket =>
    sayForEver('', Buffer.concat(Array<Uint8Array>(500).fill(piece)))(socket, {} as Asked),
  );

const endAfter = (bytes: number, end: (socket: Socket) => void): Serve =>
  onTamperedWire(trusted, (chunk, socket, before) => {
    if (before >= bytes) return;
    socket.write(chunk.subarray(0, bytes - before));
    if (before + chunk.length >= bytes) end(socket);
  });
const drop: Serve = onTamperedWire(trusted, (chunk, socket) => {
  let at = 0;
  const timer = setInterval(() => socket.write(chunk.subarray(at, ++at)), 20);
  socket.once('close', () => clearInterval(timer));
});
const spoil: Serve = onTamperedWire(trusted, (chunk, socket, before) => {
  if (before === 0) chunk.fill(0xff, 200, 201);
  socket.write(chunk);
});

const HELLO_REQUEST = record(HANDSHAKE, Buffer.from([0, 0, 0, 0]));
const OF_16_MB = Buffer.concat([
  record(HANDSHAKE, Buffer.from([2, 255, 255, 255])),
  record(HANDSHAKE, Buffer.alloc(16_000)),
]);
const old = (version: 'TLSv1' | 'TLSv1.1'): Serve =>
  as({ ...trusted, minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' });
const uncommon = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA@SECLEVEL=0' } as const;

const smallKey = { ...createIdentity(HOSTS, authority, { rsaBits: 1_024 }), ciphers: 'ALL@SECLEVEL=0' };
const smallGroup = {
  ...createIdentity(HOSTS, authority, { rsaBits: 2_048 }),
  maxVersion: 'TLSv1.2',
  ciphers: 'DHE@SECLEVEL=0',
  dhparam: dhParameters('modp2'),
} as const;

/** Handshakes that do not come about. */
export const HANDSHAKES: readonly Misbehaviour<Serve>[] = [
  ['a handshake that is silent', 'tls_timeout', null, onConnection(() => {})],
  ['a handshake closed at once', 'connection_reset', null, onConnection(socket => socket.end())],
  ['a handshake reset at once', 'connection_reset', null, onConnection(socket => socket.resetAndDestroy())],
  ['a handshake closed once greeted', 'connection_reset', null, onceGreeted(socket => socket.end())],
  [
    'a handshake reset once greeted',
    'connection_reset',
    null,
    onceGreeted(socket => socket.resetAndDestroy()),
  ],
  ['half a handshake', 'tls_timeout', null, endAfter(300, () => {})],
  ['half a handshake and the end', 'connection_reset', null, endAfter(300, socket => socket.end())],
  [
    'half a handshake and a reset',
    'connection_reset',
    null,
    endAfter(300, socket => socket.resetAndDestroy()),
  ],
  ['a handshake a byte every 20 ms', 'tls_timeout', null, drop],
  ['a handshake with a wrong byte', 'tls_failed', null, spoil],
  ['zeros for a handshake', 'tls_failed', null, onceGreeted(socket => socket.write(Buffer.alloc(4_096)))],
  ['HTTP for a handshake', 'tls_failed', null, onceGreeted(socket => socket.end('HTTP/1.1 400 Bad\r\n\r\n'))],
  [
    'SSH for a handshake',
    'tls_failed',
    null,
    onConnection(socket => socket.write('SSH-2.0-OpenSSH_9.7\r\n')),
  ],
  ['an alert: handshake failure', 'tls_failed', null, alerting(2, 40)],
  ['an alert: internal error', 'tls_failed', null, alerting(2, 80)],
  ['an alert: unrecognized name', 'tls_failed', null, alerting(2, 112)],
  ['an alert: close notify', 'connection_reset', null, alerting(1, 0)],
  ['warnings without end', 'tls_failed', null, forEver(alert(1, 90))],
  ['empty records without end', 'tls_failed', null, forEver(record(HANDSHAKE, Buffer.alloc(0)))],
  ['hello requests without end', 'tls_failed', null, forEver(HELLO_REQUEST)],
  ['a hello of 16 MB', 'tls_failed', null, forEver(OF_16_MB)],
  [
    'a record of 64 KB',
    'tls_failed',
    null,
    onceGreeted(socket => socket.write(record(HANDSHAKE, Buffer.alloc(65_535)))),
  ],
  ['TLS 1.0 alone', 'tls_failed', null, old('TLSv1')],
  ['TLS 1.1 alone', 'tls_failed', null, old('TLSv1.1')],
  ['TLS 1.0 alone, and old TLS is accepted', 'up', 200, old('TLSv1'), { acceptsLegacyTls: true }],
  ['a small Diffie-Hellman group', 'tls_failed', null, as(smallGroup)],
  [
    'a small Diffie-Hellman group, and old TLS is accepted',
    'up',
    200,
    as(smallGroup),
    { acceptsLegacyTls: true },
  ],
  ['a small key', 'tls_untrusted', null, as(smallKey)],
  ['a small key, and old TLS is accepted', 'up', 200, as(smallKey), { acceptsLegacyTls: true }],
  ['no cipher in common', 'tls_failed', null, as({ ...trusted, ...uncommon })],
  ['no protocol in common', 'tls_failed', null, as({ ...trusted, ALPNProtocols: ['h2'] })],
  ['a certificate asked for', 'tls_failed', null, as({ ...trusted, requestCert: true })],
  [
    'a certificate asked for in TLS 1.2',
    'tls_failed',
    null,
    as({ ...trusted, requestCert: true, maxVersion: 'TLSv1.2' }),
  ],
];
