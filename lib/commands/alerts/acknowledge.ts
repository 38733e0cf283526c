import { userInfo } from 'node:os';
import { cleanDetail } from '../../domain/clean-text.ts';
import { type Acknowledged, acknowledgeAlerts } from '../../postgres/reports/alerts.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';

/** Acknowledges alerts, and prints each that was, and each that could not be. */
export const acknowledge: Run<'alerts acknowledge'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const found = await acknowledgeAlerts(database, config.alerts, config.acknowledgedBy ?? userName());
    for (const alert of found)
      await screen.print(
        `${config.json ? JSON.stringify({ change: changeOf(alert), ...alert }) : line(alert)}\n`,
      );
    const known = new Set(found.map(({ id }) => id));
    const unknown = config.alerts.filter(id => !known.has(id));
    for (const id of unknown) screen.tell(`website-monitor: alert ${id}: not found`);
    return unknown.length === 0 && found.every(({ state }) => state !== 'closed') ? 0 : 1;
  });

function changeOf({ changed, state }: Acknowledged): 'acknowledged' | 'over' | 'kept' {
  if (changed) return 'acknowledged';
  return state === 'closed' ? 'over' : 'kept';
}

function line(alert: Acknowledged): string {
  const { id, kind, title, changed, acknowledgedBy } = alert;
  const by = changed || acknowledgedBy === null ? '' : `  acknowledged by ${cleanDetail(acknowledgedBy)}`;
  return `${changeOf(alert).padEnd('acknowledged'.length)}  ${id}  ${kind}  ${cleanDetail(title)}${by}`;
}

/** On this machine; null if the system knows none for the process, as in some containers. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
