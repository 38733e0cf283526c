import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpuMsOf } from './cpu.ts';

/** The service in a child process that already listens. */
export interface ServiceChild {
  readonly child: ChildProcess;
  readonly cpuMs: () => number;
  /** Stops it gracefully; resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

/**
 * @param execArgv flags for its Node
 * @param nameServers as `address:port`; null = the system's
 */
export async function startService(
  dsn: string,
  flags: readonly string[] = [],
  execArgv: readonly string[] = [],
  nameServers: readonly string[] | null = null,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServiceChild> {
  const path = new URL('service-process.ts', import.meta.url);
  const child = fork(path, [dsn, JSON.stringify(flags), JSON.stringify(nameServers)], {
    execArgv: [...execArgv],
    env: { ...process.env, ...environment },
  });
  await once(child, 'message');
  return {
    child,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
