import { defer } from 'rxjs';
import { advance } from '../../alerting/advance.ts';
import type { Alert, AlertFacts, AlertSettings, Step } from '../../alerting/alert.ts';
import type { AlertingPorts, AlertPass } from '../../alerting/ports.ts';
import {
  type ActiveSilence,
  type AlertSubject,
  chooseChannels,
  type Labels,
  type SelectableChannel,
  silencedUntilMs,
} from '../../alerting/selection.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database, Query } from '../database.ts';
import { retryDatabase } from '../retry-database.ts';
import type { AlertingTrouble } from './alerting-trouble.ts';

export interface AdvanceSettings extends AlertSettings, AlertingTrouble {
  /** How long a new alert waits for others that begin at about the same time */
  readonly lingerMs: number;
}

/** Events, and alerts, of one transaction */
const EVENTS_MAX = 5_000;
const ALERTS_MAX = 1_000;
/** Alerts times channels of one transaction: more would hold up the event loop, and with it the checks */
const CHOICES_MAX = 50_000;
/** A worker that lost fewer targets than this is believed */
const LOST_TARGETS_MIN = 20;
/** Another worker has the turn: it will see what this one heard of, unless it dies */
const LOOK_AGAIN_MS = 1_000;

/** A row of `due-alerts.sql` */
interface DueRow {
  /** If there are so many rows, more may be due */
  readonly alerts_max: number;
  readonly id: string;
  readonly kind: Alert['kind'];
  readonly state: Alert['state'];
  readonly level: number;
  readonly held_by: Alert['heldBy'];
  readonly channels: Alert['channels'];
  readonly may_be_our_network: boolean;
  readonly key: string | null;
  readonly labels: Labels;
  readonly subject: string | null;
  readonly worker: string | null;
  readonly started_ms: number;
  readonly noticed_ms: number;
  readonly rechecked_ms: number | null;
  readonly opened_ms: number | null;
  readonly acknowledged_ms: number | null;
  readonly ended_ms: number | null;
  readonly newest_level: number;
  readonly target: (NonNullable<AlertFacts['target']> & { readonly id: string }) | null;
  readonly parent: (NonNullable<AlertFacts['parent']> & { readonly id: string }) | null;
}

/** The row of `advance-alerts.sql` */
interface AdvancedRow {
  readonly next_due_in_ms: number | null;
  readonly events_wait: boolean;
}

/** The row of `alerting-context.sql` */
interface Context {
  readonly now_ms: number;
  readonly channels: readonly SelectableChannel[];
  /** Of all channels, those that are disabled included */
  readonly channel_names: readonly string[];
  readonly silences: readonly ActiveSilence[];
  readonly lost_workers: readonly string[];
}

/**
 * Turns events into alerts, and takes due alerts one step further: reads, decides by `advance`, and writes, in one
 * transaction that one worker at a time may run.
 */
export function advanceAlerts(database: Database, settings: AdvanceSettings): AlertingPorts['advance'] {
  const turnText = statement('take-alerting-turn');
  const eventsText = statement('take-alert-events');
  const dueText = statement('due-alerts');
  const contextText = statement('alerting-context');
  const advanceText = statement('advance-alerts');

  const pass = async (query: Query): Promise<AlertPass> => {
    if ((await query(turnText, [], 'website_monitor.take-alerting-turn')).length === 0)
      return { opened: 0, closed: 0, nextDueInMs: LOOK_AGAIN_MS };
    await query(eventsText, [EVENTS_MAX, settings.lingerMs], 'website_monitor.take-alert-events');
    const bounds = [ALERTS_MAX, settings.lingerMs, CHOICES_MAX];
    const rows = await query<DueRow>(dueText, bounds, 'website_monitor.due-alerts');
    const looked = rows.length === 0 ? [] : await look(query, rows);
    const row = await write(query, looked);
    return {
      opened: looked.filter(({ row, step }) => row.opened_ms === null && step.alert.openedMs !== null).length,
      closed: looked.filter(({ step }) => step.alert.state === 'closed').length,
      nextDueInMs:
        row?.events_wait || rows.length === rows[0]?.alerts_max
          ? 0
          : Math.max(0, row?.next_due_in_ms ?? Infinity),
    };
  };

  /** Writes what has become of the alerts, and says when the next is due. */
  const write = async (query: Query, looked: readonly Looked[]): Promise<AdvancedRow | undefined> => {
    const deliveries = looked.flatMap(({ row: { id }, step }) =>
      step.deliveries.map(one => ({ alertId: id, ...one })),
    );
    const checked = looked.flatMap(({ row, step }) => step.checks.flatMap(whose => row[whose]?.id ?? []));
    const lookedAheadMs = looked.length === 0 ? 0 : settings.lingerMs;
    const values = [JSON.stringify(looked.map(stepJson)), JSON.stringify(deliveries), checked, lookedAheadMs];
    return (await query<AdvancedRow>(advanceText, values, 'website_monitor.advance-alerts'))[0];
  };

  const look = async (query: Query, rows: readonly DueRow[]): Promise<Looked[]> => {
    const [context] = await query<Context>(
      contextText,
      [LOST_TARGETS_MIN],
      'website_monitor.alerting-context',
    );
    if (!context) throw new Error('alerting-context.sql returned no row');
    return rows.map(row => {
      const facts = factsOf(row, context);
      return { row, facts, step: advance(alertOf(row), facts, settings, context.now_ms) };
    });
  };

  return () =>
    defer(() => database.transaction(pass)).pipe(retryDatabase(settings.onTrouble, settings.stopping));
}

interface Looked {
  readonly row: DueRow;
  readonly facts: AlertFacts;
  readonly step: Step;
}

const alertOf = (row: DueRow): Alert => ({
  id: row.id,
  kind: row.kind,
  state: row.state,
  startedMs: row.started_ms,
  noticedMs: row.noticed_ms,
  level: row.level,
  heldBy: row.held_by,
  recheckedMs: row.rechecked_ms,
  openedMs: row.opened_ms,
  acknowledgedMs: row.acknowledged_ms,
  mayBeOurNetwork: row.may_be_our_network,
  channels: row.channels,
});

function factsOf(row: DueRow, context: Context): AlertFacts {
  const isOfTarget = row.kind !== 'unknown' && row.kind !== 'channel';
  const subject: AlertSubject = {
    key: row.key,
    labels: row.labels,
    isOfTarget,
    channelName: row.kind === 'channel' ? row.subject : null,
  };
  return {
    endedMs: row.ended_ms,
    level: row.newest_level,
    target: row.target,
    parent: row.kind === 'down' ? row.parent : null,
    channel: row.kind === 'channel' ? channelOf(row.subject, context) : null,
    silencedUntilMs: silencedUntilMs(context.silences, subject),
    isWorkerLost: row.kind === 'down' && row.worker !== null && context.lost_workers.includes(row.worker),
    channels: chooseChannels(context.channels, subject),
  };
}

const channelOf = (
  of: string | null,
  { channels, channel_names }: Pick<Context, 'channels' | 'channel_names'>,
): AlertFacts['channel'] =>
  channel_names.some(name => name === of) ? { isEnabled: channels.some(({ name }) => name === of) } : null;

/** As `advance-alerts.sql` reads it */
const stepJson = ({ facts, step: { alert, dueMs, ending } }: Looked) => ({
  id: alert.id,
  state: alert.state,
  dueMs,
  heldBy: alert.heldBy,
  recheckedMs: alert.recheckedMs,
  openedMs: alert.openedMs,
  level: alert.level,
  mayBeOurNetwork: alert.mayBeOurNetwork,
  endedMs: facts.endedMs,
  ending,
  channels: alert.channels,
});
