import type { Socket } from 'node:net';
import type { Certificate } from '../domain/check/certificate.ts';
import type { Connection } from '../net/connection/dial.ts';

/** A connection kept open after its response, and what dialling it found out. */
export interface KeptConnection extends Connection {
  readonly address: string | null;
  readonly certificate: Certificate | null;
}

/** Idle connections, by where they lead and how they were made. */
export interface KeptConnections {
  /** Hands out the most recently used connection of `route`; null without one */
  readonly take: (route: string) => KeptConnection | null;
  /** Keeps a connection if it is still open */
  readonly put: (route: string, connection: KeptConnection) => void;
  /** Closes all connections, and from then on every connection that is put */
  readonly close: () => void;
}

/** Half of the open files that most systems allow per process. */
const KEPT_MAX = 500;
/** Routers silently drop connections that are idle for longer. */
const IDLE_MS_MAX = 60_000;

/**
 * Keeps at most 500 connections, each for at most a minute, and closes what exceeds that. A kept connection does not
 * keep the process alive. It closes when it ends or when the server sends anything on it.
 */
export function createKeptConnections(): KeptConnections {
  const routes = new Map<string, { readonly connection: KeptConnection; readonly release: () => void }[]>();
  let count = 0;
  let isClosed = false;

  const put = (route: string, connection: KeptConnection): void => {
    const { socket } = connection;
    if (count === KEPT_MAX || isClosed || !isOpen(socket)) return void socket.destroy();
    const kept = { connection, release: () => release() };
    const end = (): void => {
      release();
      socket.destroy();
    };
    const release = (): void => {
      const others = routes.get(route)?.filter(other => other !== kept) ?? [];
      if (others.length > 0) routes.set(route, others);
      else routes.delete(route);
      count -= 1;
      for (const event of ENDS) socket.off(event, end);
      socket.setTimeout(0).ref();
    };
    routes.set(route, [...(routes.get(route) ?? []), kept]);
    count += 1;
    for (const event of ENDS) socket.on(event, end);
    socket.setTimeout(IDLE_MS_MAX).unref().resume(); // otherwise its end would go unread
  };

  const take = (route: string): KeptConnection | null => {
    const kept = routes.get(route)?.at(-1);
    kept?.release();
    return kept?.connection ?? null;
  };

  const close = (): void => {
    isClosed = true;
    for (const route of [...routes.keys()])
      for (let kept = take(route); kept !== null; kept = take(route)) kept.socket.destroy();
  };

  return { take, put, close };
}

/** It may have closed since its response was complete. */
const isOpen = ({ destroyed, writable, readableEnded }: Socket): boolean =>
  !destroyed && writable && !readableEnded;

const ENDS = ['data', 'end', 'error', 'close', 'timeout'] as const;
