import net from 'node:net';
import tls from 'node:tls';
import { createIdentity } from '../certificates.ts';
import { startFullBacklog } from '../full-backlog.ts';
import { listenTracked } from '../tracked-server.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { response, toBytes } from './misbehaviour.ts';
import type { Serve } from './serving.ts';
import { onConnection, onceGreeted } from './serving.ts';

const greeting = (bytes: string): Serve => onConnection(socket => socket.write(toBytes(bytes)));

const nobody: Serve = async port => {
  const server = await listenTracked(net.createServer(), '127.0.0.1', port);
  await server.close();
  return { ...server, close: async () => {} };
};

const fullBacklog: Serve = async port => ({
  ...(await startFullBacklog('127.0.0.1', port)),
  socketsOpen: () => 0,
  allClosed: async () => {},
});

const readsLate: Serve = port => {
  const server = net.createServer({ pauseOnConnect: true }, socket => {
    setTimeout(() => socket.resume(), 1_000).unref();
  });
  return listenTracked(server, '127.0.0.1', port);
};

const speaksTls: Serve = port => {
  const server = tls.createServer(createIdentity(['127.0.0.1'])).on('tlsClientError', () => {});
  return listenTracked(server, '127.0.0.1', port);
};

const POST = { method: 'POST', requestBody: 'x'.repeat(65_536) } as const;
const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** What shows before anything is asked, or while it is. */
export const CONNECTIONS: readonly Misbehaviour<Serve>[] = [
  ['nobody listens', 'connect_refused', null, nobody],
  ['nobody accepts', 'connect_timeout', null, fullBacklog],
  ['a connection that is silent', 'response_timeout', null, onConnection(() => {})],
  ['a connection that is closed', 'connection_reset', null, onConnection(socket => socket.end())],
  ['a connection that is reset', 'connection_reset', null, onConnection(socket => socket.resetAndDestroy())],
  ['a server that reads late', 'response_timeout', null, readsLate, POST],
  [
    'a reset amid the request',
    'connection_reset',
    null,
    onceGreeted(socket => socket.resetAndDestroy()),
    POST,
  ],
  ['an answer amid the request', 'up', 200, onceGreeted(socket => socket.end(response())), POST],
  ['an answer before the request', 'up', 200, onConnection(socket => socket.write(response()))],
  ['an answer before the request and the end', 'up', 200, onConnection(socket => socket.end(response()))],
  ['408 before the request', 'http_status', 408, greeting(TIMED_OUT)],
  ['TLS without https', 'connection_reset', null, speaksTls],
  ['SSH', 'protocol_error', null, greeting('SSH-2.0-OpenSSH_9.7\r\n')],
  ['SMTP', 'protocol_error', null, greeting('220 mail.example.org ESMTP\r\n')],
  ['FTP', 'protocol_error', null, greeting('220 (vsFTPd 3.0.5)\r\n')],
  ['POP3', 'protocol_error', null, greeting('+OK ready\r\n')],
  ['IMAP', 'protocol_error', null, greeting('* OK IMAP4rev1 ready\r\n')],
  ['Redis', 'protocol_error', null, greeting("-ERR unknown command 'GET'\r\n")],
  ['MySQL', 'protocol_error', null, greeting('J\0\0\0\n8.0.36\0')],
  ['VNC', 'protocol_error', null, greeting('RFB 003.008\n')],
];
