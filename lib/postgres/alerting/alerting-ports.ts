import type { AlertSettings } from '../../alerting/alert.ts';
import type { AlertingPorts } from '../../alerting/ports.ts';
import type { Database } from '../database.ts';
import { advanceAlerts } from './advance-alerts.ts';
import type { AlertingTrouble } from './alerting-trouble.ts';
import { leaseDeliveries } from './lease-deliveries.ts';
import { recordDeliveries } from './record-deliveries.ts';

export interface AlertingPortsSettings extends AlertSettings, AlertingTrouble {
  /** Name in tables */
  readonly worker: string;
  /** Least time from one message to the next, to channels that people read */
  readonly alertIntervalMs: number;
  /** Where our pages are; null: messages have no links */
  readonly publicUrl: string | null;
  /** How long a new alert waits for others that begin at about the same time; default 1000 */
  readonly lingerMs?: number | undefined;
}

/** Implements the ports of alerting that need PostgreSQL. */
export function alertingPorts(
  database: Database,
  { lingerMs = 1_000, ...settings }: AlertingPortsSettings,
): Pick<AlertingPorts, 'advance' | 'lease' | 'record'> {
  return {
    advance: advanceAlerts(database, { ...settings, lingerMs }),
    lease: leaseDeliveries(database, settings),
    record: recordDeliveries(database, settings),
  };
}
