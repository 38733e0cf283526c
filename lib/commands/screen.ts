import { once } from 'node:events';
import type { WriteStream } from 'node:tty';

/**
 * The output of a command. Results go to stdout and everything else to stderr, so that pipes get only
 * results.
 */
export interface Screen {
  /** Writes to stdout; resolves once there is room for more */
  readonly print: (text: string) => Promise<void>;
  /** Writes a line to stderr */
  readonly tell: (line: string) => void;
  /** Shows progress on stderr: on a terminal one line that is overwritten, else a line every ten seconds */
  readonly progress: (line: string) => void;
  /** Clears the progress line */
  readonly settle: () => void;
  readonly isColoured: boolean;
  /** Width of stdout now; infinite unless it is a terminal */
  readonly columns: () => number;
}

const REDRAW_MS_MIN = 100;
const LINE_MS_MIN = 10_000;
const CLEAR_LINE = '\r\x1b[2K';

/** Exits with 0 when the reader closes the pipe (`| head`): it has seen enough. */
export function createScreen(stdout: WriteStream, stderr: WriteStream): Screen {
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  stderr.on('error', () => {}); // nobody reads it any more
  const isTerminal = stderr.isTTY === true;
  let toldAtMs = isTerminal ? Number.NEGATIVE_INFINITY : performance.now();
  let isShown = false;

  const settle = (): void => {
    if (isShown) stderr.write(CLEAR_LINE);
    isShown = false;
  };
  return {
    print: async text => {
      settle();
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    tell: line => {
      settle();
      stderr.write(`${line}\n`);
    },
    progress: line => {
      if (performance.now() - toldAtMs < (isTerminal ? REDRAW_MS_MIN : LINE_MS_MIN)) return;
      toldAtMs = performance.now();
      isShown = isTerminal;
      stderr.write(isTerminal ? `${CLEAR_LINE}${line}` : `${line}\n`);
    },
    settle,
    columns: () => (stdout.isTTY ? stdout.columns || Number.POSITIVE_INFINITY : Number.POSITIVE_INFINITY),
    isColoured: stdout.isTTY === true && stdout.hasColors(), // honours NO_COLOR and TERM
  };
}
