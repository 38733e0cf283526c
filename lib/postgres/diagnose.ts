import { randomUUID } from 'node:crypto';
import { concatMap, filter, firstValueFrom, from, ignoreElements, map, merge, of, timeout } from 'rxjs';
import { statement } from '../sql/sql-file.ts';
import type { Database } from './database.ts';
import { type Heard, listen } from './listen.ts';

export interface ServerFacts extends Record<string, unknown> {
  readonly version: string;
  /** Such as 180004 */
  readonly version_number: number;
  /** The server's clock, in ms since 1970 */
  readonly clock_ms: number;
  readonly is_read_only: boolean;
  readonly connections_free: number;
}

export interface ScheduleFacts extends Record<string, unknown> {
  readonly has_targets: boolean;
  /** By how much the server's clock was set back, while targets wait until it has caught up; else null */
  readonly clock_behind_s: number | null;
  /** Targets due for a minute or more; at most 1000 */
  readonly overdue: number;
  /** Who made the targets that missed the most slots in the last ten minutes; null if none were missed */
  readonly missed_most: { readonly createdBy: string | null; readonly slots: number } | null;
  /** Whose targets, on which host, found the slow lane full most often in the last ten minutes; null if none did */
  readonly slow_most: {
    readonly createdBy: string | null;
    readonly host: string;
    readonly slots: number;
  } | null;
}

export const readServerFacts = (database: Database): Promise<ServerFacts> =>
  single<ServerFacts>(database, 'doctor-server');

export const hasTargets = async (database: Database): Promise<boolean> =>
  (await single<{ has_targets: boolean }>(database, 'has-targets')).has_targets;

export const readScheduleFacts = (database: Database): Promise<ScheduleFacts> =>
  single<ScheduleFacts>(database, 'doctor-schedule');

async function single<Row extends Record<string, unknown>>(database: Database, name: string): Promise<Row> {
  const [row] = await database.query<Row>(statement(name));
  if (!row) throw new Error(`${name}.sql returned no row`);
  return row;
}

/** What became of a notification to ourselves. */
export type Echo = { readonly kind: 'heard'; readonly afterMs: number } | { readonly kind: 'lost' };

/**
 * Sends a notification through the pool and waits for it on a listener of its own, as the service's heartbeat
 * does.
 */
export async function hearOwnNotification(database: Database, dsn: string, waitMs = 3_000): Promise<Echo> {
  const payload = randomUUID();
  const channel = `website_monitor_doctor_${payload.slice(0, 8)}`;
  let sentAtMs = 0;
  const send = async (): Promise<void> => {
    sentAtMs = performance.now();
    await database.query(statement('notify'), [channel, payload]);
  };
  const isEcho = (heard: Heard): boolean => heard.kind === 'notified' && heard.payload === payload;
  return firstValueFrom(
    listen({ dsn, channel, applicationName: 'website-monitor doctor' }).pipe(
      concatMap(heard => (heard.kind === 'listening' ? merge(of(heard), sending(send)) : of(heard))),
      filter(isEcho),
      map((): Echo => ({ kind: 'heard', afterMs: performance.now() - sentAtMs })),
      timeout({ each: waitMs, with: () => of<Echo>({ kind: 'lost' }) }),
    ),
  );
}

const sending = (send: () => Promise<void>) => from(send()).pipe(ignoreElements());
