import { randomUUID } from 'node:crypto';
import { concatMap, filter, firstValueFrom, from, ignoreElements, merge, of, timeout } from 'rxjs';
import type { Database } from './database.ts';
import { type Heard, listen } from './listen.ts';
import { statement } from './sql-file.ts';

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
  /** Targets due for a minute or more; at most 1000 */
  readonly overdue: number;
}

export const readServerFacts = (database: Database): Promise<ServerFacts> =>
  single<ServerFacts>(database, 'doctor-server');

export const readScheduleFacts = (database: Database): Promise<ScheduleFacts> =>
  single<ScheduleFacts>(database, 'doctor-schedule');

async function single<Row extends Record<string, unknown>>(database: Database, name: string): Promise<Row> {
  const [row] = await database.query<Row>(statement(name));
  if (!row) throw new Error(`${name}.sql returned no row`);
  return row;
}

/**
 * Sends a notification through the pool and waits for it on a listener of its own, as the service's heartbeat
 * does.
 *
 * @returns how long it took, in ms
 * @throws TimeoutError if it does not arrive
 */
export async function hearOwnNotification(database: Database, dsn: string, waitMs = 3_000): Promise<number> {
  const payload = randomUUID();
  const channel = `website_monitor_doctor_${payload.slice(0, 8)}`;
  let sentAtMs = 0;
  const send = async (): Promise<void> => {
    sentAtMs = performance.now();
    await database.query(statement('notify'), [channel, payload]);
  };
  const isEcho = (heard: Heard): boolean => heard.kind === 'notified' && heard.payload === payload;
  await firstValueFrom(
    listen({ dsn, channel, applicationName: 'website-monitor doctor' }).pipe(
      concatMap(heard => (heard.kind === 'listening' ? merge(of(heard), sending(send)) : of(heard))),
      filter(isEcho),
      timeout(waitMs),
    ),
  );
  return performance.now() - sentAtMs;
}

const sending = (send: () => Promise<void>) => from(send()).pipe(ignoreElements());
