import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Finished {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export const scriptPath = (name: string): string => join(import.meta.dirname, '../../scripts', name);

/** Runs a file of `scripts/` on the Node of the specs, to its end. */
export const runScript = (name: string, ...args: string[]): Promise<Finished> =>
  new Promise(resolve => {
    execFile(process.execPath, [scriptPath(name), ...args], (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

/** A file of `scripts/` that runs until it is told to end. */
export interface RunningScript {
  readonly pid: number | undefined;
  /** What it has written to stdout so far */
  readonly lines: readonly string[];
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Its exit code */
  readonly exited: Promise<number | null>;
  /** Its first line of that kind, once there; rejects if it ends without. */
  readonly lineLike: (pattern: RegExp) => Promise<string>;
}

export const startScript = (name: string, ...args: string[]): RunningScript => {
  const child = spawn(process.execPath, [scriptPath(name), ...args]);
  const lines: string[] = [];
  let stderr = '';
  const reader = createInterface(child.stdout).on('line', line => lines.push(line));
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const exited = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  const ended = exited.then((): never => {
    throw new Error(`${name} has ended:\n${lines.join('\n')}\n${stderr}`);
  });
  ended.catch(() => {}); // of interest only to those who wait for a line
  return {
    pid: child.pid,
    lines,
    stderr: () => stderr,
    kill: signal => void child.kill(signal),
    exited,
    lineLike: async pattern => {
      for (;;) {
        const line = lines.find(line => pattern.test(line));
        if (line !== undefined) return line;
        await Promise.race([once(reader, 'line'), ended]);
      }
    },
  };
};
