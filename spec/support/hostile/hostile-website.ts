import type { Socket } from 'node:net';
import net from 'node:net';
import type { Target } from '../../../lib/domain/target/target.ts';
import { listenTracked } from '../tracked-server.ts';
import { BODIES } from './bodies.ts';
import { CHUNKS } from './chunks.ts';
import { BOMBS, CODINGS } from './codings.ts';
import { CONNECTIONS } from './connections.ts';
import { HEADERS } from './headers.ts';
import { LENGTHS } from './lengths.ts';
import { LOCATIONS } from './locations.ts';
import type { Act, Asked, Expected, Misbehaviour } from './misbehaviour.ts';
import { response, say } from './misbehaviour.ts';
import { NO_ANSWERS } from './no-answers.ts';
import { REDIRECTS } from './redirects.ts';
import type { Serve } from './serving.ts';
import { STATUS_LINES } from './status-lines.ts';
import { authority, CERTIFICATES } from './tls-certificates.ts';
import { SECURED } from './tls-connections.ts';
import { HANDSHAKES } from './tls-handshakes.ts';

const BY_PATH: Readonly<Record<string, readonly Misbehaviour<Act>[]>> = {
  'no answer': NO_ANSWERS,
  'status lines': STATUS_LINES,
  headers: HEADERS,
  lengths: LENGTHS,
  chunks: CHUNKS,
  redirects: REDIRECTS,
  locations: LOCATIONS,
  codings: CODINGS,
  bombs: BOMBS,
  bodies: BODIES,
};

const BY_PORT: Readonly<Record<string, readonly Misbehaviour<Serve>[]>> = {
  connections: CONNECTIONS,
  'certificates over TLS': CERTIFICATES,
  'handshakes over TLS': HANDSHAKES,
  'connections over TLS': SECURED,
};

/** One misbehaviour, and what a check says of it. */
export interface HostileRow {
  readonly kind: string;
  readonly what: string;
  readonly expected: Expected;
  /** Of the last hop that had one */
  readonly httpStatus: number | null;
  /** How it must be asked */
  readonly target: Partial<Target>;
}

export interface HostileWebsite {
  /** In the order of `HOSTILE_ROWS` */
  readonly urls: readonly string[];
  /** Of its page that misbehaves in no way */
  readonly healthyUrl: string;
  /** Whom a check must trust, in PEM */
  readonly ca: string;
  /** What has connections open */
  readonly open: () => readonly string[];
  /** Resolves once every connection is closed */
  readonly allClosed: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const flat = <Doing>(table: Readonly<Record<string, readonly Misbehaviour<Doing>[]>>) =>
  Object.entries(table).flatMap(([kind, rows]) =>
    rows.map(([what, expected, httpStatus, doing, target = {}]) => ({
      row: { kind, what, expected, httpStatus, target },
      doing,
    })),
  );
const PATHS = flat(BY_PATH);
const PORTS = flat(BY_PORT);

export const HOSTILE_ROWS: readonly HostileRow[] = [...PATHS, ...PORTS].map(({ row }) => row);

/**
 * A website of raw sockets on loopback: one misbehaviour a path, and one a port where it is about TCP or TLS.
 *
 * @param port of the paths; the others follow it. 0 = any free ones
 */
export async function startHostileWebsite(port = 0): Promise<HostileWebsite> {
  const open = new Map<Socket, string>();
  const acts = new Map(PATHS.map(({ row, doing }) => [pathOf(row.what), doing]));
  const server = net.createServer(socket => {
    socket.once('close', () => open.delete(socket));
    onRequest(socket, asked => {
      open.set(socket, asked.url.pathname);
      const act = acts.get(asked.url.pathname) ?? say(response('healthy'));
      act(socket, asked);
    });
  });
  const paths = await listenTracked(server, '127.0.0.1', port);
  const ports = await Promise.all(
    PORTS.map(({ doing: serve }, index) => serve(port === 0 ? 0 : port + 1 + index)),
  );

  const origin = `http://127.0.0.1:${paths.port}`;
  const servers = [paths, ...ports];
  return {
    urls: [
      ...PATHS.map(({ row }) => origin + pathOf(row.what)),
      ...PORTS.map(({ row }, index) => `${schemeOf(row)}://127.0.0.1:${ports[index]?.port}/`),
    ],
    healthyUrl: `${origin}/`,
    ca: authority.cert,
    open: () => [
      ...open.values(),
      ...PORTS.filter((_port, index) => ports[index]?.socketsOpen()).map(({ row }) => row.what),
    ],
    allClosed: async () => void (await Promise.all(servers.map(listener => listener.allClosed()))),
    close: async () => void (await Promise.all(servers.map(listener => listener.close()))),
  };
}

/** Reads the headers of one request. */
function onRequest(socket: Socket, act: (asked: Asked) => void): void {
  let head = '';
  const read = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    socket.off('data', read).resume();
    act({ url: new URL(head.split(' ')[1] ?? '/', `http://127.0.0.1:${socket.localPort}`), head });
  };
  socket.on('data', read);
}

const schemeOf = ({ kind }: HostileRow): string => (kind.endsWith('over TLS') ? 'https' : 'http');

const pathOf = (what: string): string => `/${what.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
