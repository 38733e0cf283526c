import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [fact: string]: unknown;
}

/** The log of a service that a spec has started. */
export interface WatchedLog {
  /** Whatever it has written so far, to stdout and to stderr */
  readonly output: () => string;
  /** @throws SyntaxError if a line that it has written is not JSON */
  readonly log: () => readonly LogLine[];
  /** Its `occurrence`th log line (1 = the first) of that message, once there; rejects if it ends without. */
  readonly logged: (message: RegExp, occurrence?: number) => Promise<LogLine>;
  /** Asks it for `path`, at the address that it has logged; the answer as `status body` */
  readonly get: (path: string) => Promise<string>;
}

/** How long a message is waited for, in ms: less than mocha's patience, so that what was logged instead is seen */
const LOG_PATIENCE = 50_000;

/** @param ended resolves when nothing more will be written */
export function watchLog(
  stdout: Readable | null,
  stderr: Readable | null,
  ended: Promise<unknown>,
): WatchedLog {
  const changes = new EventEmitter().setMaxListeners(0);
  const written = { stdout: '', stderr: '' };
  const hear = (name: keyof typeof written, stream: Readable | null): void =>
    void stream?.setEncoding('utf8').on('data', text => {
      written[name] += text;
      changes.emit('change');
    });
  hear('stdout', stdout);
  hear('stderr', stderr);
  let hasEnded = false;
  ended.then(() => {
    hasEnded = true;
    changes.emit('change');
  });

  const output = () => written.stdout + written.stderr;
  const log = (): LogLine[] =>
    written.stdout
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line));
  const logged = async (message: RegExp, occurrence = 1): Promise<LogLine> => {
    const patience = AbortSignal.timeout(LOG_PATIENCE);
    for (;;) {
      const found = log().filter(line => message.test(line.message))[occurrence - 1];
      if (found) return found;
      if (hasEnded) throw new Error(`it ended without logging ${message}:\n${output()}`);
      await once(changes, 'change', { signal: patience }).catch(() => {
        throw new Error(`not logged in time: ${message} (${occurrence}), but\n${output()}`);
      });
    }
  };
  const get = async (path: string): Promise<string> => {
    const { metrics } = await logged(/^website-monitor is running$/);
    const response = await fetch(new URL(path, String(metrics)));
    return `${response.status} ${await response.text()}`;
  };
  return { output, log, logged, get };
}
