import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const NAME = 'website-monitor';

/**
 * Returns the default folder for the bundled server's data. It belongs to the user, so deleting a checkout
 * loses no history.
 *
 * For root it is in /var/lib, because the unprivileged account that runs the server cannot enter root's home.
 *
 * @param xdgDataHome ignored unless absolute, as the XDG specification requires
 */
export const defaultDataFolder = (
  xdgDataHome: string | undefined,
  platform: NodeJS.Platform = process.platform,
  isRoot = process.getuid?.() === 0,
  home = homedir(),
): string => {
  if (isRoot) return join('/var/lib', NAME);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', NAME);
  if (xdgDataHome !== undefined && isAbsolute(xdgDataHome)) return join(xdgDataHome, NAME);
  return join(home, '.local', 'share', NAME);
};
