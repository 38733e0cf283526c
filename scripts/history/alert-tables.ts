import type { AlertKind, Ending, News } from '../../lib/alerting/message.ts';

/** A snapshot of what alerting has in the database, as plain data. Times are in ms since 1970. */
export interface AlertTables {
  readonly channels: readonly AlertChannel[];
  readonly incidents: readonly Incident[];
  readonly alerts: readonly AlertRow[];
  readonly deliveries: readonly DeliveryRow[];
}

export interface AlertChannel {
  readonly id: string;
  readonly name: string;
  readonly isGrouped: boolean;
  readonly sendsResolved: boolean;
  readonly createdMs: number;
}

export interface Incident {
  readonly targetId: string;
  readonly startedMs: number;
  /** Null while it lasts */
  readonly endedMs: number | null;
}

export interface AlertRow {
  readonly id: string;
  readonly kind: AlertKind;
  readonly targetId: string | null;
  readonly state: 'pending' | 'held' | 'open' | 'recovering' | 'closed';
  readonly startedMs: number;
  readonly openedMs: number | null;
  readonly endedMs: number | null;
  readonly closedMs: number | null;
  readonly ending: Ending | null;
  /** Whom it was told to */
  readonly channels: readonly { readonly id: string; readonly isTold: boolean }[];
}

export interface DeliveryRow {
  readonly id: string;
  readonly channelId: string;
  readonly alertId: string;
  readonly news: News;
  readonly state: 'waiting' | 'sent' | 'dead' | 'dropped';
  readonly messageId: string | null;
  readonly mayHaveArrived: boolean;
  /** Null while it waits */
  readonly finishedMs: number | null;
}

/** One alert of one message that a receiver took or answered otherwise, as its log has it. */
export interface ReceivedNews {
  readonly channelId: string;
  readonly messageId: string;
  readonly alertId: string;
  readonly news: News;
  readonly atMs: number;
  /** It answered that it took the message */
  readonly isAccepted: boolean;
}
