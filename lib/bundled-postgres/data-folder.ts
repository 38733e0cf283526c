import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { BundledServerError } from './bundled-server-error.ts';

const NAME = 'website-monitor';

function homeFolder(): string {
  try {
    return homedir();
  } catch {
    throw new BundledServerError(
      'this user has no home folder: set --dsn to use a PostgreSQL server, or --data-folder for the bundled one',
    );
  }
}

/**
 * Returns the default folder for the bundled server's data. It belongs to the user, so deleting a checkout
 * loses no history.
 *
 * For root it is in /var/lib, because the unprivileged account that runs the server cannot enter root's home.
 *
 * @throws BundledServerError if a user has no home folder, as a random uid in a container
 * @param xdgDataHome ignored unless absolute, as the XDG specification requires
 */
export const defaultDataFolder = (
  xdgDataHome: string | undefined,
  platform: NodeJS.Platform = process.platform,
  isRoot = process.getuid?.() === 0,
  home = homeFolder,
): string => {
  if (isRoot) return join('/var/lib', NAME);
  if (platform === 'darwin') return join(home(), 'Library', 'Application Support', NAME);
  if (xdgDataHome !== undefined && isAbsolute(xdgDataHome)) return join(xdgDataHome, NAME);
  return join(home(), '.local', 'share', NAME);
};
