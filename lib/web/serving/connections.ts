import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inSlices } from './in-slices.ts';

export interface ConnectionBounds {
  /** A full server makes room for one more by closing the one that has been longest without a complete request */
  readonly connectionsMax: number;
  /** Requests of one connection that may wait for their turn or be answered; beyond them it is cut */
  readonly pipelinedMax: number;
  /** Requests after which it is closed, so that a balancer can spread its clients again */
  readonly requestsMax: number;
  /** Longest wait for a complete request, and for the client to take a response */
  readonly patienceMs: number;
}

export interface Connections {
  /** Returns the stream from which to read requests and to which to write responses. */
  readonly open: (socket: Socket) => Duplex;
  /** Runs `answer` once every earlier request of this connection is answered; never if the connection closes. */
  readonly takeTurn: (stream: Duplex, answer: Answer) => void;
  readonly cutAll: () => void;
}

/** Answers one request. Never rejects. */
export type Answer = (turn: Turn) => Promise<void>;

export interface Turn {
  /** No other request of this connection is answered: close it */
  readonly isLast: boolean;
  /** Call it when the response is written: from now on the client must take it */
  readonly delivering: () => void;
}

interface Connection {
  /** Not answered yet */
  pendingCount: number;
  takenCount: number;
  turn: Promise<void>;
  deadline: NodeJS.Timeout | undefined;
}

/**
 * Bounds what clients can hold of a server.
 *
 * Each connection has a deadline of its own instead of Node's timeouts: Node looks at them only every 30 s,
 * and a client that sends a byte now and then restarts some of them.
 */
export function boundConnections({
  connectionsMax,
  pipelinedMax,
  requestsMax,
  patienceMs,
}: ConnectionBounds): Connections {
  /** The one longest without a complete request comes first */
  const connections = new Map<Duplex, Connection>();

  const cut = (stream: Duplex): void => {
    clearTimeout(connections.get(stream)?.deadline);
    connections.delete(stream);
    stream.destroy();
  };
  const setDeadline = (stream: Duplex, connection: Connection): void => {
    clearTimeout(connection.deadline);
    connection.deadline = setTimeout(cut, patienceMs, stream);
  };

  const open = (socket: Socket): Duplex => {
    const [longestWaiting] = connections.keys();
    if (connections.size >= connectionsMax && longestWaiting) cut(longestWaiting);
    const connection: Connection = {
      pendingCount: 0,
      takenCount: 0,
      turn: Promise.resolve(),
      deadline: undefined,
    };
    const stream = inSlices(socket, () => connection.turn);
    connections.set(stream, connection);
    setDeadline(stream, connection);
    return stream.once('close', () => cut(stream));
  };

  const takeTurn = (stream: Duplex, answer: Answer): void => {
    const connection = connections.get(stream);
    if (!connection) return; // cut: what it had sent before is still parsed
    if (connection.pendingCount >= pipelinedMax) {
      cut(stream);
      return;
    }
    connections.delete(stream);
    connections.set(stream, connection); // now the last
    connection.pendingCount += 1;
    connection.turn = connection.turn.then(() => take(stream, connection, answer));
  };

  const take = async (stream: Duplex, connection: Connection, answer: Answer): Promise<void> => {
    clearTimeout(connection.deadline);
    connection.takenCount += 1;
    const isLast = connection.takenCount === requestsMax;
    const isOpen = connections.has(stream) && connection.takenCount <= requestsMax;
    if (isOpen) await answer({ isLast, delivering: () => setDeadline(stream, connection) });
    connection.pendingCount -= 1;
    if (connections.has(stream)) setDeadline(stream, connection);
  };

  const cutAll = (): void => {
    for (const stream of connections.keys()) cut(stream);
  };

  return { open, takeTurn, cutAll };
}
