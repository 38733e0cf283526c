import { openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Bytes that may wait for a slow reader: some thousand lines. */
export const WAITING_BYTES_MAX = 1024 * 1024;

const FLUSH_MS_MAX = 1_000;

/** Where log lines go. It never waits and never fails: what cannot be written is counted and told of later. */
export interface Output {
  readonly stream: Writable;
  /** Resolves once everything has been handed to the system, or after a second: its reader may be stuck. */
  readonly flush: () => Promise<void>;
}

/** Called once lines can be written again. */
export type OnLost = (linesLost: number) => void;

/**
 * Lines to stdout or stderr.
 *
 * Node writes to files and terminals synchronously, so nothing piles up there (but a terminal stopped
 * with Ctrl-S stops the process). To a pipe it writes asynchronously and keeps in memory, without
 * bound, what the reader has not taken; hence the bound here. A reader that has gone away costs the
 * log, not the checks.
 */
export function boundedOutput(target: Writable, onLost: OnLost): Output {
  const losses = countLosses(onLost);
  target.on('error', () => undefined); // EPIPE would otherwise end the process
  target.on('drain', losses.tell);
  const stream = lineStream(line => {
    if (target.writableLength > WAITING_BYTES_MAX) losses.count();
    else target.write(line);
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
export function fileOutput(path: string, onLost: OnLost): Output {
  const file = openSync(path, 'a', 0o640);
  const losses = countLosses(onLost);
  const stream = lineStream(line => {
    try {
      writeSync(file, line);
      losses.tell();
    } catch {
      losses.count();
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

function countLosses(onLost: OnLost) {
  let lost = 0;
  const tell = (): void => {
    if (lost > 0) setImmediate(onLost, lost); // not from within a write
    lost = 0;
  };
  const count = (): void => {
    lost += 1;
  };
  return { count, tell };
}

const flushDeadline = (): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, FLUSH_MS_MAX).unref();
  });
