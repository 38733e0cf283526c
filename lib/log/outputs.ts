import { openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Bytes that may wait for a slow reader: a few thousand lines. */
export const WAITING_BYTES_MAX = 1024 * 1024;

/** Losses are reported once so few bytes wait: reporting each at once would fill the room that is left. */
const REPORT_BELOW_BYTES = WAITING_BYTES_MAX / 2;

const FLUSH_MS_MAX = 1_000;

/** Where log lines go. Never blocks and never fails: lines that cannot be written are counted and reported. */
export interface Output {
  readonly stream: Writable;
  /** Resolves once all lines are handed to the system, or after a second: the reader may be stuck. */
  readonly flush: () => Promise<void>;
}

/** Called when lines cannot be written. */
export interface Losses {
  /** Called at once for each lost line */
  readonly lost: () => void;
  /** Called once lines can be written again, with the number of lines lost since the last call */
  readonly over: (linesLost: number) => void;
}

/** A stream with the handle that Node keeps private. */
type Handled = Writable & { readonly _handle?: { readonly setBlocking?: (isBlocking: boolean) => void } };

/**
 * Writes lines to stdout or stderr, and drops lines beyond `WAITING_BYTES_MAX`.
 *
 * Node writes to files synchronously, so nothing waits there. To a pipe it writes asynchronously and keeps in
 * memory, without limit, what the reader has not read yet; so there is a limit here. To a terminal it would write
 * synchronously, and a terminal that nobody reads (Ctrl-S, a hanging client of a container) would stop the
 * process and all its checks; so terminals are switched to asynchronous writes. A reader that goes away costs
 * log lines, not checks.
 */
export function boundedOutput(target: Writable, losses: Losses): Output {
  const count = countLosses(losses);
  target.on('error', () => undefined); // EPIPE would otherwise end the process
  // Private API, to be replaced once Node has a public one. On Linux, Node reopens the terminal for this process,
  // so other processes on the same terminal are not affected.
  (target as Handled)._handle?.setBlocking?.(false);
  const onWritten = (error?: Error | null): void => {
    if (error) count.one();
    else if (target.writableLength <= REPORT_BELOW_BYTES) count.report();
  };
  const stream = lineStream(line => {
    if (target.writableLength > WAITING_BYTES_MAX) count.one();
    else target.write(line, onWritten);
  });
  const flushed = () => new Promise<void>(resolve => target.write('', () => resolve()));
  return { stream, flush: () => Promise.race([flushed(), flushDeadline()]) };
}

/**
 * Appends lines to a file, synchronously: a line is either in the file or lost, never waiting in memory. While
 * the disk is full, lines are lost; later ones are written again.
 *
 * @throws what `fs.openSync` throws
 */
export function fileOutput(path: string, losses: Losses): Output {
  const file = openSync(path, 'a', 0o640);
  const count = countLosses(losses);
  const stream = lineStream(line => {
    try {
      writeSync(file, line);
      count.report();
    } catch {
      count.one();
    }
  });
  return { stream, flush: async () => undefined };
}

const lineStream = (write: (line: string) => void): Writable =>
  new Writable({
    decodeStrings: false,
    write: (line, _encoding, done) => {
      write(line);
      done();
    },
  });

function countLosses({ lost, over }: Losses) {
  let unreported = 0;
  return {
    one: (): void => {
      unreported += 1;
      lost();
    },
    report: (): void => {
      if (unreported > 0) setImmediate(over, unreported); // not from inside a write
      unreported = 0;
    },
  };
}

const flushDeadline = (): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, FLUSH_MS_MAX).unref();
  });
