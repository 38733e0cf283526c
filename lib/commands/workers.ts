import { cleanText } from '../domain/clean-text.ts';
import { type ListedWorker, listWorkers } from '../postgres/reports/list-workers.ts';
import { agoText, countText, table } from './text-tables.ts';
import { withDatabase } from './with-database.ts';
import type { Run } from './work.ts';

const HEAD = ['name', 'version', 'up for', 'seen', 'lag', 'places', 'slow lane', 'targets known', 'down'];
const NAME_CHARACTERS_MAX = 200;

/** Prints the workers that share the database. */
export const workers: Run<'workers'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const listed = await listWorkers(database);
    if (config.json) for (const worker of listed) await screen.print(`${JSON.stringify(worker)}\n`);
    else if (listed.length > 0) await screen.print(table(HEAD, listed.map(cells)));
    if (listed.length === 0) screen.tell('no workers: start one with website-monitor');
    return 0;
  });

const cells = (worker: ListedWorker): readonly string[] => [
  cleanText(worker.name, NAME_CHARACTERS_MAX),
  cleanText(worker.version, NAME_CHARACTERS_MAX),
  agoText(worker.upS),
  `${agoText(worker.seenAgoS)} ago${worker.isStale ? ' (gone?)' : ''}`,
  `${countText(worker.lagMs)} ms`,
  `${countText(worker.running)} of ${countText(worker.places)}`,
  `${countText(worker.slow)} of ${countText(worker.slowPlaces)}`,
  countText(worker.targetsKnown),
  countText(worker.targetsDown),
];
