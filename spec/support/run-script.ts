import { execFile } from 'node:child_process';
import { join } from 'node:path';

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
