import { cleanText } from '../../domain/clean-text.ts';
import { endSilences } from '../../postgres/silences/silences.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';

const NAME_CHARACTERS_MAX = 200;

/** Ends what is named, and prints each that was ended and each name not found. */
const end =
  (isAnnounced: boolean): Run<'silences end' | 'maintenance end'> =>
  work =>
    withDatabase(work, async database => {
      const { names } = work.config;
      const ended = await endSilences(database, names, isAnnounced);
      for (const { id, name } of ended)
        await work.screen.print(`ended  ${id}  ${cleanText(name, NAME_CHARACTERS_MAX)}\n`);
      const known = new Set(ended.flatMap(({ id, name }) => [id, name]));
      const unknown = [...names.entries()].filter(([, name]) => !known.has(name));
      for (const [index] of unknown)
        work.screen.tell(`website-monitor: name ${index + 1}: not found, or over already`);
      return unknown.length === 0 ? 0 : 1;
    });

export const endSilencesNamed = end(false);
export const endMaintenance = end(true);
