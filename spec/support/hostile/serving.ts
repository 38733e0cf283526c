import type { Socket } from 'node:net';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import tls from 'node:tls';
import type { Identity } from '../certificates.ts';
import type { TrackedServer } from '../tracked-server.ts';
import { listenTracked } from '../tracked-server.ts';

export type Listener = Pick<TrackedServer, 'port' | 'socketsOpen' | 'allClosed' | 'close'>;

/** @param port 0 = any free one */
export type Serve = (port: number) => Promise<Listener>;

/** Reads whatever comes, to notice the end. */
export const onConnection =
  (act: (socket: Socket) => unknown): Serve =>
  port =>
    listenTracked(
      net.createServer(socket => void act(socket.resume())),
      '127.0.0.1',
      port,
    );

/** Once the other side has said something, which over TLS is its part of the handshake. */
export const onceGreeted = (act: (socket: Socket) => unknown): Serve =>
  onConnection(socket => socket.once('data', () => act(socket)));

/** Over TLS, once that stands. */
export const onceSecure =
  (options: tls.TlsOptions, act: (socket: tls.TLSSocket, wire: Socket) => unknown): Serve =>
  port => {
    const wires = new Map<number | undefined, Socket>();
    const server = tls.createServer(options, socket => {
      const wire = wires.get(socket.remotePort);
      socket.on('error', () => {}).resume();
      if (wire) act(socket, wire);
    });
    server.on('connection', wire => {
      const { remotePort } = wire;
      wires.set(remotePort, wire);
      wire.once('close', () => wires.delete(remotePort));
    });
    server.on('tlsClientError', () => {});
    return listenTracked(server, '127.0.0.1', port);
  };

/** A server's part of a handshake, of which `pass` decides what reaches the other side. */
export const onTamperedWire = (
  identity: Identity,
  pass: (chunk: Buffer, socket: Socket, bytesBefore: number) => void,
): Serve =>
  onConnection(socket => {
    const [near, far]: Duplex[] = duplexPair();
    if (!near || !far) return;
    const secure = new tls.TLSSocket(near, { ...identity, isServer: true }).on('error', () => {});
    socket.pipe(far).on('error', () => {});
    socket.once('close', () => secure.destroy());
    let bytes = 0;
    far.on('data', (chunk: Buffer) => {
      pass(chunk, socket, bytes);
      bytes += chunk.length;
    });
  });
