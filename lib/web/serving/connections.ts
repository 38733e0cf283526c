import type { Server } from 'node:http';
import type { Socket } from 'node:net';

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
  /** Runs `answer` once every earlier request of this connection is answered; never if the connection closes. */
  readonly takeTurn: (socket: Socket, answer: Answer) => void;
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
export function boundConnections(
  server: Server,
  { connectionsMax, pipelinedMax, requestsMax, patienceMs }: ConnectionBounds,
): Connections {
  /** The one longest without a complete request comes first */
  const connections = new Map<Socket, Connection>();

  const cut = (socket: Socket): void => {
    clearTimeout(connections.get(socket)?.deadline);
    connections.delete(socket);
    socket.destroy();
  };
  const setDeadline = (socket: Socket, connection: Connection): void => {
    clearTimeout(connection.deadline);
    connection.deadline = setTimeout(cut, patienceMs, socket);
  };

  server.on('connection', socket => {
    const [longestWaiting] = connections.keys();
    if (connections.size >= connectionsMax && longestWaiting) cut(longestWaiting);
    const connection: Connection = {
      pendingCount: 0,
      takenCount: 0,
      turn: Promise.resolve(),
      deadline: undefined,
    };
    connections.set(socket, connection);
    setDeadline(socket, connection);
    socket.once('close', () => cut(socket));
  });

  const takeTurn = (socket: Socket, answer: Answer): void => {
    const connection = connections.get(socket);
    if (!connection) return; // cut: what it had sent before is still parsed
    if (connection.pendingCount >= pipelinedMax) {
      cut(socket);
      return;
    }
    connections.delete(socket);
    connections.set(socket, connection); // now the last
    connection.pendingCount += 1;
    connection.turn = connection.turn.then(() => take(socket, connection, answer));
  };

  const take = async (socket: Socket, connection: Connection, answer: Answer): Promise<void> => {
    clearTimeout(connection.deadline);
    connection.takenCount += 1;
    const isLast = connection.takenCount === requestsMax;
    const isOpen = connections.has(socket) && connection.takenCount <= requestsMax;
    if (isOpen) await answer({ isLast, delivering: () => setDeadline(socket, connection) });
    connection.pendingCount -= 1;
    if (connections.has(socket)) setDeadline(socket, connection);
  };

  return { takeTurn };
}
