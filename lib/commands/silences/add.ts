import { localZone } from '../../domain/local-zone.ts';
import { type Added, addSilence } from '../../postgres/silences/silences.ts';
import { countText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { nextText, nowText, zoneOf } from './silence-text.ts';

/** Adds the silence that the flags describe, and prints when it is on and how many targets it covers. */
const add =
  (isAnnounced: boolean): Run<'silences add' | 'maintenance add'> =>
  ({ config, ...work }) =>
    withDatabase({ config, ...work }, async database => {
      const { names, withLabels: labels, timeZone, ...said } = config;
      const [name = ''] = names;
      const zone = timeZone ?? localZone();
      const added = await addSilence(database, { name, isAnnounced, labels, ...said, timeZone: zone });
      const text = config.json
        ? JSON.stringify({ ...added.silence, targets: added.targets })
        : line(added, zone);
      await work.screen.print(`${text}\n`);
      if (added.targets === 0) work.screen.tell('note: it covers no target now');
      return 0;
    });

function line({ silence, targets }: Added, zone: string): string {
  const when = silence.isOn
    ? nowText(silence, zone)
    : silence.next === null
      ? 'never: it is over, or no day fits'
      : `next ${nextText(silence, zone)}`;
  const covered = `covers ${countText(targets)} target${targets === 1 ? '' : 's'}`;
  return `added  ${silence.id}  ${silence.name}  ${when} (${zoneOf(silence, zone)})  ${covered}`;
}

export const addSilenceNamed = add(false);
export const addMaintenance = add(true);
