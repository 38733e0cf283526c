import { cleanDetail } from '../../domain/clean-text.ts';
import { type ShownAlert, showAlert } from '../../postgres/reports/alerts.ts';
import { agoText, table, timeText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { stateText, titleText } from './alert-text.ts';
import { timeline } from './timeline.ts';

const ROWS_MAX = 100;

/** Prints one alert: what it is about, and what happened when. */
export const show: Run<'alerts show'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const alert = await showAlert(database, config.alerts[0] ?? '', ROWS_MAX);
    if (alert === null) {
      screen.tell(`website-monitor: alert ${config.alerts[0]}: not found; alerts list --all shows them`);
      return 1;
    }
    await screen.print(config.json ? `${JSON.stringify(alert)}\n` : report(alert));
    return 0;
  });

function report(alert: ShownAlert): string {
  const { id, kind, cause, detail, forS, until, acknowledgedBy } = alert;
  const acknowledged = acknowledgedBy === null ? '' : `, acknowledged by ${cleanDetail(acknowledgedBy)}`;
  const head = [
    `${id}  ${kind}  ${titleText(alert)}`,
    `${stateText(alert)}${acknowledged}; ${until === null ? 'has lasted' : 'lasted'} ${agoText(forS)}`,
    `${cause}${detail ? `: ${cleanDetail(detail)}` : ''}`,
  ];
  const rows = timeline(alert).map(({ at, what }) => [timeText(at), what]);
  return `${head.join('\n')}\n\n${table(['when', 'what'], rows)}`;
}
