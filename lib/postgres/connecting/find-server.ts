import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Dsn, type DsnServer, parseDsn } from '../../domain/dsn.ts';
import { describeError, isWorthWaitingFor } from '../error-codes.ts';
import { NoServerError, UnwantedServerError } from './connection-errors.ts';
import { expectSession } from './expect-session.ts';
import { loadTls, type Tls } from './load-tls.ts';

/** One of the DSN's servers, and how to reach it, for pg's Client or Pool. */
export interface Server {
  readonly config: Pick<pg.ClientConfig, 'connectionString' | 'ssl' | 'connectionTimeoutMillis'>;
  /** The DSN leaves nothing to choose: searching again finds the same */
  readonly isOnlyOne: boolean;
}

export interface SearchSettings {
  readonly applicationName: string;
  /** For each server, unless the DSN has `connect_timeout` */
  readonly connectTimeoutMs: number;
  /** Ends the search, which then rejects */
  readonly signal?: AbortSignal | undefined;
}

type Attempt = Server['config'] & { readonly server: DsnServer };

/** How often to look whether a standby was promoted, and for how long, before the search fails */
const PROMOTION_EVERY_MS = 250;
const PROMOTION_MS_MAX = 10_000;

/**
 * Finds the server to connect to: the first in the DSN that answers and is what `target_session_attrs` asks
 * for. Connects only if there is something to choose.
 *
 * Waits a while for a promotion if only servers of the wrong kind answer, since retries of the caller come
 * seconds apart. As for libpq, a server that rejects us (a wrong password) ends the search: the others would, too.
 *
 * @throws NoServerError, ConnectionFileError, DsnError, or the error of the only server
 */
export async function findServer(text: string, settings: SearchSettings): Promise<Server> {
  const dsn = parseDsn(text);
  const startedAtMs = performance.now();
  for (;;)
    try {
      return await searchOnce(dsn, settings);
    } catch (error) {
      settings.signal?.throwIfAborted();
      const isTooLate = performance.now() - startedAtMs > PROMOTION_MS_MAX;
      if (isTooLate || !(error instanceof NoServerError && error.isOneUnwanted)) throw error;
      await delay(PROMOTION_EVERY_MS, undefined, { signal: settings.signal });
    }
}

async function searchOnce(dsn: Dsn, settings: SearchSettings): Promise<Server> {
  const attempts = await attemptsOf(dsn, settings);
  const [only] = attempts;
  if (only && attempts.length === 1 && dsn.wanted === 'any') return chosen(only, true);
  const failures: unknown[] = [];
  for (const wanted of dsn.wanted === 'prefer-standby' ? (['standby', 'any'] as const) : [dsn.wanted])
    for (const attempt of attempts)
      try {
        const { server, ...config } = attempt;
        await expectSession(config, server.name, wanted, settings);
        return chosen(attempt, false);
      } catch (error) {
        settings.signal?.throwIfAborted();
        failures.push(error);
        const isLastWay = attempts.findLast(({ server }) => server === attempt.server) === attempt;
        if (isLastWay && rejectsUs(error)) throw dsn.servers.length === 1 ? mostTelling(failures) : error;
      }
  const error = mostTelling(failures);
  const isOneUnreachable = dsn.servers.length === 1 && !(error instanceof UnwantedServerError);
  throw isOneUnreachable ? error : noServer(failures, attempts);
}

const chosen = ({ server: _, ...config }: Attempt, isOnlyOne: boolean): Server => ({ config, isOnlyOne });

async function attemptsOf(dsn: Dsn, { connectTimeoutMs }: SearchSettings): Promise<readonly Attempt[]> {
  const isEncrypted = dsn.servers.some(({ isUnixSocket }) => !isUnixSocket);
  const ways = isEncrypted ? await loadTls(dsn) : [];
  const waysTo = ({ isUnixSocket }: DsnServer): readonly Tls[] => (isUnixSocket ? [false] : ways);
  return (dsn.isShuffled ? shuffled(dsn.servers) : dsn.servers).flatMap(server =>
    waysTo(server).map(ssl => ({
      server,
      connectionString: server.dsn,
      ssl,
      connectionTimeoutMillis: dsn.connectTimeoutMs ?? connectTimeoutMs,
    })),
  );
}

const shuffled = <T>(values: readonly T[]): T[] =>
  values
    .map(value => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);

const rejectsUs = (error: unknown): boolean => error instanceof pg.DatabaseError && !isWorthWaitingFor(error);

/** Of the attempts with and without TLS at one server: what PostgreSQL itself said, else the last. */
const mostTelling = (failures: readonly unknown[]): unknown =>
  failures.find(error => error instanceof pg.DatabaseError || error instanceof UnwantedServerError) ??
  failures.at(-1);

function noServer(failures: readonly unknown[], attempts: readonly Attempt[]): NoServerError {
  const reasons = failures.map((error, index) => {
    const name = attempts[index % attempts.length]?.server.name;
    return error instanceof UnwantedServerError ? error.message : `${name}: ${describeError(error)}`;
  });
  return new NoServerError(failures, `no server can be used: ${[...new Set(reasons)].join('; ')}`);
}
