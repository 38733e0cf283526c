import { GROUPED_KINDS } from '../../../lib/alerting/channel.ts';
import type { AlertTables } from '../../history/alert-tables.ts';
import { type AlertBreach, findAlertBreaches } from '../../history/find-alert-breaches.ts';
import { type Scene, sqlText } from '../scene.ts';
import type { AlertReceiver } from './alert-receiver.ts';

/** How many alerts and deliveries a run had. */
export interface AlertFigures {
  readonly incidents: number;
  readonly alerts: number;
  readonly deliveries: number;
  /** As the receiver saw them; more than deliveries where it failed, fewer where several went out together */
  readonly messages: number;
}

/** Compares incidents, alerts, deliveries and the receiver's log. Call it when no worker runs any more. */
export async function inspectAlerts(
  { query }: Pick<Scene, 'query'>,
  receiver: AlertReceiver,
  alertIntervalMs: number,
): Promise<{ readonly figures: AlertFigures; readonly breaches: readonly string[] }> {
  const [tables] = await query<AlertTables>(sqlText('alert-tables'), [GROUPED_KINDS]);
  if (!tables) throw new Error('alert-tables.sql returned no row');
  const ids = new Map(tables.channels.map(({ name, id }) => [name, id]));
  const found = findAlertBreaches(tables, receiver.received(ids), { alertIntervalMs });
  return {
    figures: {
      incidents: tables.incidents.length,
      alerts: tables.alerts.length,
      deliveries: tables.deliveries.length,
      messages: receiver.messageCount(),
    },
    breaches: alertBreachLines(found),
  };
}

/** One line per problem, with its count and an example. */
export const alertBreachLines = (breaches: readonly AlertBreach[]): string[] =>
  [...Map.groupBy(breaches, ({ promise, problem }) => `promise ${promise}, ${problem}`)].map(
    ([what, all]) => `${what} (${all.length} times; ${all[0]?.detail})`,
  );
