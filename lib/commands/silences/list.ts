import { cleanText } from '../../domain/clean-text.ts';
import { type ListedSilence, listSilences } from '../../postgres/silences/silences.ts';
import { table } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { nextText, nowText, recursText, scopeText, zoneOf } from './silence-text.ts';

const HEAD = ['id', 'name', 'now', 'next', 'time zone', 'recurs', 'targets'];
const NAME_CHARACTERS_MAX = 200;

/** Prints what is on now, then what comes next. */
const list =
  (isAnnounced: boolean, none: string): Run<'silences list' | 'maintenance list'> =>
  work =>
    withDatabase(work, async database => {
      const { config, screen } = work;
      const silences = await listSilences(database, isAnnounced);
      if (config.json) for (const silence of silences) await screen.print(`${JSON.stringify(silence)}\n`);
      else if (silences.length > 0)
        await screen.print(
          table(
            HEAD,
            silences.map(silence => cells(silence, zoneOf(silence, config.timeZone))),
          ),
        );
      if (silences.length === 0) screen.tell(none);
      return 0;
    });

const cells = (silence: ListedSilence, zone: string): readonly string[] => [
  silence.id,
  cleanText(silence.name, NAME_CHARACTERS_MAX),
  nowText(silence, zone),
  nextText(silence, zone),
  zone,
  recursText(silence),
  scopeText(silence),
];

export const listSilencesToCome = list(
  false,
  'no silences, now or to come: website-monitor silences add --help',
);
export const listMaintenance = list(
  true,
  'no maintenance, now or to come: website-monitor maintenance add --help',
);
