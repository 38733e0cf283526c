import type { WriteStream } from 'node:tty';
import { NEVER } from 'rxjs';
import type { Log } from '../../lib/log/create-log.ts';
import { type Summary, summaryLine, summaryLines } from './summary.ts';

/** Where the demo shows itself. */
export interface Screen {
  readonly show: (summary: Summary, unrecordedCount: number) => void;
  /** Prints a line that stays. */
  readonly say: (line: string) => void;
}

type Terminal = Pick<WriteStream, 'write' | 'columns'>;

/** Redraws the summary in place, below the printed lines. */
export function terminalScreen(terminal: Terminal): Screen {
  let shown: readonly string[] = [];
  const redraw = (said: string, next: readonly string[]): void => {
    const upAndClear = `${shown.length > 0 ? `\x1b[${shown.length}A` : ''}\x1b[J`;
    // A wrapped line would take two rows, and the next redraw would begin too low.
    const fitted = next.map(line => `${line.slice(0, (terminal.columns || 80) - 1)}\n`);
    terminal.write(upAndClear + said + fitted.join(''));
    shown = next;
  };
  return {
    show: (summary, unrecordedCount) => redraw('', summaryLines(summary, unrecordedCount)),
    say: line => redraw(`${line}\n`, shown),
  };
}

/** One line per summary, for a file or a pipe. */
export const plainScreen = (output: Pick<WriteStream, 'write'>): Screen => ({
  show: (summary, unrecordedCount) => void output.write(`${summaryLine(summary, unrecordedCount)}\n`),
  say: line => void output.write(`${line}\n`),
});

/** The service's log without its checks, which the summary counts. */
export function screenLog({ say }: Screen): Log {
  const tell: Log['info'] = (message, facts = {}) =>
    say([message, ...Object.entries(facts).map(([name, value]) => `${name}=${value}`)].join(' '));
  const nothing = (): void => {};
  return {
    error: tell,
    warn: tell,
    info: tell,
    debug: nothing,
    check: nothing,
    transition: nothing,
    lineLost: NEVER,
    flush: async () => {},
  };
}
