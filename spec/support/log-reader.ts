import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** A process that reads another's stdout through a real pipe, and passes on what it reads. */
export interface LogReader {
  /** To be written to by the other process, as a file descriptor of ours */
  readonly pipe: number;
  readonly passedOn: Readable;
  /** It is there and reads nothing */
  readonly pause: () => void;
  readonly resume: () => void;
  /** It is gone, and with it the pipe's end */
  readonly leave: () => Promise<void>;
  /** Closes our end of the pipe, and ends the reader. */
  readonly close: () => Promise<void>;
}

/** @param folder where the pipe may be made */
export async function startLogReader(folder: string): Promise<LogReader> {
  const path = join(folder, 'log');
  await promisify(execFile)('mkfifo', [path]);
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(reader, 'close');
  const end = await open(path, 'w'); // once the reader has opened its own
  const leave = async (): Promise<void> => {
    reader.kill('SIGKILL');
    await gone;
  };
  return {
    pipe: end.fd,
    passedOn: reader.stdout,
    pause: () => void reader.kill('SIGSTOP'),
    resume: () => void reader.kill('SIGCONT'),
    leave,
    close: async () => {
      await end.close();
      await leave();
    },
  };
}
