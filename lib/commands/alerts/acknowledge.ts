import { cleanDetail } from '../../domain/clean-text.ts';
import { acknowledgeAlerts } from '../../postgres/reports/alerts.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';

/** Acknowledges alerts, and prints each that was, and each that could not be. */
export const acknowledge: Run<'alerts acknowledge'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const found = await acknowledgeAlerts(database, config.alerts, config.acknowledgedBy);
    for (const { id, kind, title, changed, acknowledgedBy, state } of found) {
      const isOver = state === 'closed';
      const word = changed ? 'acknowledged' : isOver ? 'over' : 'kept';
      const by = changed || acknowledgedBy === null ? '' : `  acknowledged by ${cleanDetail(acknowledgedBy)}`;
      await screen.print(`${word.padEnd(12)}  ${id}  ${kind}  ${cleanDetail(title)}${by}\n`);
    }
    const known = new Set(found.map(({ id }) => id));
    const unknown = config.alerts.filter(id => !known.has(id));
    for (const id of unknown) screen.tell(`website-monitor: alert ${id}: not found`);
    return unknown.length === 0 && found.every(({ state }) => state !== 'closed') ? 0 : 1;
  });
