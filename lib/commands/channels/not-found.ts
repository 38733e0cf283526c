import { nearest } from '../../domain/nearest.ts';
import { listChannels } from '../../postgres/channels/channels.ts';
import type { Database } from '../../postgres/database.ts';
import type { Screen } from '../screen.ts';

/** Only such names are shown: another text may be a URL, and so a secret. */
const NAME = /^[a-z0-9._-]{1,100}$/i;

/**
 * Says which channels were not found, and which were probably meant.
 *
 * @returns the exit code
 */
export async function channelsNotFound(
  database: Database,
  names: readonly string[],
  found: readonly string[],
  screen: Screen,
): Promise<number> {
  const missing = [...names.entries()].filter(([, name]) => !found.includes(name));
  if (missing.length === 0) return 0;
  const known = (await listChannels(database)).map(({ name }) => name);
  for (const [index, name] of missing) {
    const what = NAME.test(name) ? `channel ${name}` : `channel ${index + 1}`;
    const meant = NAME.test(name) ? nearest(name, known) : undefined;
    const hint = known.length === 0 ? 'there are no channels' : 'channels list shows them';
    screen.tell(
      `website-monitor: ${what}: not found; ${meant === undefined ? hint : `did you mean ${meant}?`}`,
    );
  }
  return 1;
}
