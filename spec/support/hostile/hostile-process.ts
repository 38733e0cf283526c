import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HostileWebsite } from './hostile-website.ts';

export interface HostileProcess extends Pick<HostileWebsite, 'urls' | 'healthyUrl' | 'ca'> {
  /** What has connections open, once there was time enough to close them */
  readonly leftOpen: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** A hostile website in a process of its own: its floods take nothing of the memory and time of this one. */
export async function startHostileProcess(): Promise<HostileProcess> {
  const child = fork(join(import.meta.dirname, 'process.ts'));
  const exited = once(child, 'exit');
  const next = async () => (await once(child, 'message'))[0];
  return {
    ...(await next()),
    leftOpen: async () => {
      child.send('what is open?');
      return next();
    },
    close: async () => {
      child.disconnect();
      await exited;
    },
  };
}
