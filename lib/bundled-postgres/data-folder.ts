import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const NAME = 'website-monitor';

/**
 * Where the bundled server keeps its data unless told otherwise: a stable folder of the user's,
 * so that a checkout can be deleted or cloned anew without losing what was watched.
 *
 * Root's own home is closed to the unprivileged account that must run the server, hence /var/lib.
 *
 * @param xdgDataHome ignored unless absolute, as the XDG specification asks
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
