import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^website-monitor-spec-(\d+)-/;

/** A new folder that every user can enter: as root, the server that a spec starts runs as another. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = join(tmpdir(), `website-monitor-spec-${process.pid}-${randomUUID()}`);
  await mkdir(folder, { mode: 0o755 });
  return folder;
};

/** Clears up after runs that were killed. A server without its folder ends by itself in a minute. */
export const removeAbandonedFolders = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (pid && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true }).catch(() => {}); // another user's
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
