import type { Socket } from 'node:net';
import type { Certificate } from '../domain/check/certificate.ts';
import type { Connection } from '../net/connection/dial.ts';

/** A connection that stands after its response, and what is known of it. */
export interface KeptConnection extends Connection {
  readonly address: string | null;
  readonly certificate: Certificate | null;
}

/** Connections between checks, by where they lead and how they were made. */
export interface KeptConnections {
  /** The one used last, which is nobody else's from then on; null where there is none */
  readonly take: (route: string) => KeptConnection | null;
  /** Keeps what stands */
  readonly put: (route: string, connection: KeptConnection) => void;
  /** Closes all, and from then on whatever is put */
  readonly close: () => void;
}

/** Half of the open files that most systems allow a process. */
const KEPT_MAX = 500;
/** Routers forget connections that are silent for longer, and tell nobody. */
const IDLE_MS_MAX = 60_000;

/**
 * Keeps 500 connections at most, each for a minute at most; past that, what is put is closed. None keeps the
 * process up. What ends one, or is sent on it unasked, closes it.
 */
export function createKeptConnections(): KeptConnections {
  const routes = new Map<string, { readonly connection: KeptConnection; readonly release: () => void }[]>();
  let count = 0;
  let isClosed = false;

  const put = (route: string, connection: KeptConnection): void => {
    const { socket } = connection;
    if (count === KEPT_MAX || isClosed || !stands(socket)) return void socket.destroy();
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
    socket.setTimeout(IDLE_MS_MAX).unref().resume(); // else nobody would read of its end
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

/** It may have been closed since its response was whole. */
const stands = ({ destroyed, writable, readableEnded }: Socket): boolean =>
  !destroyed && writable && !readableEnded;

const ENDS = ['data', 'end', 'error', 'close', 'timeout'] as const;
