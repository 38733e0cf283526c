import { once } from 'node:events';
import type { WriteStream } from 'node:tty';

/** Where a command prints. Results go to stdout and everything else to stderr, so that pipes get results alone. */
export interface Screen {
  /** To stdout; resolves once its reader has room for more */
  readonly print: (text: string) => Promise<void>;
  /** A line to stderr */
  readonly tell: (line: string) => void;
  /** Progress of long work, to stderr: one line written over on a terminal, else a line every ten seconds */
  readonly progress: (line: string) => void;
  /** Clears the progress line */
  readonly settle: () => void;
  readonly isColoured: boolean;
}

const REDRAW_MS_MIN = 100;
const LINE_MS_MIN = 10_000;
const CLEAR_LINE = '\r\x1b[2K';

/** Exits with 0 when the reader goes away (`| head`): it has seen enough. */
export function createScreen(stdout: WriteStream, stderr: WriteStream): Screen {
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  stderr.on('error', () => {}); // nobody is left to read
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
    isColoured: stdout.isTTY === true && stdout.hasColors(), // which looks at NO_COLOR and TERM
  };
}
