import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The account that a process runs as; empty means our own. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

/**
 * The environment of the server's programs: no variables that change their behaviour (PGDATA, PGPORT, LC_*),
 * and a locale that exists everywhere.
 */
export const SERVER_ENVIRONMENT = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' };

export type Ending =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly reason: string };

const execute = promisify(execFile);

/** Runs a program as `account` and waits for it, in the root folder, which every account may enter. */
export const run = async (command: string, args: readonly string[], account: Account): Promise<Ending> => {
  try {
    const { stdout } = await execute(command, args, { ...account, cwd: '/', env: SERVER_ENVIRONMENT });
    return { ok: true, output: stdout };
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    return { ok: false, reason: (stderr || message).trim() };
  }
};
