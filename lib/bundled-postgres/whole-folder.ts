import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Longer than any build takes */
const ABANDONED_AFTER_MS = 3_600_000;

/**
 * Builds a folder under another name and renames it when complete. A process that dies half-way leaves no
 * folder that looks finished. If two processes build it at once, both use the first result.
 */
export const buildWhole = async (
  folder: string,
  build: (unfinished: string) => Promise<void>,
): Promise<void> => {
  const prefix = `${folder}.unfinished-`;
  await removeAbandoned(prefix);
  const unfinished = await mkdtemp(prefix);
  try {
    await build(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

const removeAbandoned = async (prefix: string): Promise<void> => {
  const names = await readdir(dirname(prefix));
  for (const name of names.filter(name => name.startsWith(basename(prefix)))) {
    const folder = join(dirname(prefix), name);
    const { mtimeMs } = await stat(folder);
    if (mtimeMs < Date.now() - ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
};
