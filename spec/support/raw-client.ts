import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that writes bytes of its own choice, and reads when asked. */
export interface RawClient {
  readonly socket: Socket;
  readonly send: (text: string) => void;
  /** Reads until the text has arrived, and resolves with all that has; rejects if the connection closes before. */
  readonly received: (text: string) => Promise<string>;
  /** Reads to the end; resolves with all that was received. */
  readonly closed: () => Promise<string>;
}

export async function dial(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.on('error', () => {}); // a cut is seen by `closed`
  const gone = new Promise(resolve => socket.once('close', resolve));
  let text = '';
  const read = (): void => {
    if (socket.listenerCount('data') > 0) return;
    socket.setEncoding('latin1').on('data', data => {
      text += data;
    });
  };
  return {
    socket,
    send: sent => void socket.write(sent),
    received: async wanted => {
      read();
      while (!text.includes(wanted)) {
        if (socket.closed) throw new Error(`closed before ${wanted}: ${text}`);
        await Promise.race([new Promise(resolve => socket.once('data', resolve)), gone]);
      }
      return text;
    },
    closed: async () => {
      read();
      await gone;
      return text;
    },
  };
}

/** @param head further lines of the head, each with its end */
export const request = (path: string, head = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: spec\r\n${head}\r\n`;
