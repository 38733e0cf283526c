import { cleanDetail } from '../../domain/clean-text.ts';
import { type ListedAlert, listAlerts } from '../../postgres/reports/alerts.ts';
import { agoText, table, timeText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { stateText, titleText } from './alert-text.ts';

const ROWS_MAX = 1_000;
const HEAD = ['id', 'state', 'since', 'for', 'kind', 'cause', 'acknowledged by', 'about'];

/** Prints alerts as a table. */
export const list: Run<'alerts list'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const alerts = await listAlerts(database, config.closedToo, config.withLabels, ROWS_MAX);
    if (config.json) for (const alert of alerts) await screen.print(`${JSON.stringify(alert)}\n`);
    else if (alerts.length > 0) await screen.print(table(HEAD, alerts.map(cells)));
    if (alerts.length === 0)
      screen.tell(config.closedToo ? 'no alerts' : 'no open alerts; --all shows those that are over, too');
    if (alerts.length === ROWS_MAX) screen.tell('… there may be more: sql "TABLE alerts" shows all');
    return 0;
  });

const cells = (alert: ListedAlert): readonly string[] => [
  alert.id,
  stateText(alert),
  timeText(alert.since),
  agoText(alert.forS),
  alert.kind,
  alert.cause,
  cleanDetail(alert.acknowledgedBy ?? '-'),
  titleText(alert),
];
