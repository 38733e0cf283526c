import { openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Bytes that may wait for a slow reader: some thousand lines. */
export const WAITING_BYTES_MAX = 1024 * 1024;

/** What was lost is told of once there is room again: were it told of at every line, it would fill that room. */
const ROOM_AGAIN_BYTES = WAITING_BYTES_MAX / 2;

const FLUSH_MS_MAX = 1_000;

/** Where log lines go. It never waits and never fails: what cannot be written is counted and told of later. */
export interface Output {
  readonly stream: Writable;
  /** Resolves once everything has been handed to the system, or after a second: its reader may be stuck. */
  readonly flush: () => Promise<void>;
}

/** Hears of what could not be written. */
export interface Losses {
  /** At once, of each line */
  readonly lost: () => void;
  /** Once lines can be written again: how many were lost since it was last told */
  readonly over: (linesLost: number) => void;
}

/** A terminal's or pipe's handle, which Node keeps to itself. */
type Handled = Writable & { readonly _handle?: { readonly setBlocking?: (isBlocking: boolean) => void } };

/**
 * Lines to stdout or stderr.
 *
 * Node writes to files synchronously, so nothing piles up there. To a pipe it writes asynchronously and
 * keeps in memory, without bound, what the reader has not taken; hence the bound here. To a terminal it
 * would write synchronously, and one that nobody reads (Ctrl-S, an attached container whose client hangs)
 * would stop the process, and every check with it: so a terminal is written to as a pipe is. A reader that
 * has gone away costs the log, not the checks.
 */
export function boundedOutput(target: Writable, losses: Losses): Output {
  const count = countLosses(losses);
  target.on('error', () => undefined); // EPIPE would otherwise end the process
  // No public way to this; to be removed once Node has one. (On Linux the terminal is opened anew for us, so
  // that whoever shares it notices nothing.)
  (target as Handled)._handle?.setBlocking?.(false);
  const onWritten = (error?: Error | null): void => {
    if (error) count.one();
    else if (target.writableLength <= ROOM_AGAIN_BYTES) count.tell();
  };
  const stream = lineStream(line => {
    if (target.writableLength > WAITING_BYTES_MAX) count.one();
    else target.write(line, onWritten);
  });
  const flushed = () => new Promise<void>(resolve => target.write('', () => resolve()));
  return { stream, flush: () => Promise.race([flushed(), flushDeadline()]) };
}

/**
 * Lines appended to a file, synchronously: a line is in the file or lost, never in memory, and a full
 * disk costs the lines of its time only.
 *
 * @throws what `fs.openSync` throws
 */
export function fileOutput(path: string, losses: Losses): Output {
  const file = openSync(path, 'a', 0o640);
  const count = countLosses(losses);
  const stream = lineStream(line => {
    try {
      writeSync(file, line);
      count.tell();
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
  let untold = 0;
  return {
    one: (): void => {
      untold += 1;
      lost();
    },
    tell: (): void => {
      if (untold > 0) setImmediate(over, untold); // not from within a write
      untold = 0;
    },
  };
}

const flushDeadline = (): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, FLUSH_MS_MAX).unref();
  });
