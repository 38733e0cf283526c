import { Socket } from 'node:net';
import pg from 'pg';
import type { SessionAttributes } from '../../domain/dsn.ts';
import { statement } from '../../sql/sql-file.ts';
import { UnwantedServerError } from './connection-errors.ts';

/** A server that has stalled never answers our goodbye */
const GOODBYE_MS_MAX = 1_000;

/**
 * Connects once, and asks what kind of session this is.
 *
 * @param serverName for messages
 * @throws UnwantedServerError if the session is not `wanted`, or what prevents it
 */
export async function expectSession(
  config: pg.ClientConfig,
  serverName: string,
  wanted: SessionAttributes,
  {
    applicationName,
    signal,
  }: { readonly applicationName: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const socket = new Socket();
  const cut = (): void => void socket.destroy();
  signal?.addEventListener('abort', cut);
  try {
    const client = new pg.Client({
      ...config,
      query_timeout: config.connectionTimeoutMillis,
      application_name: applicationName,
      stream: () => socket,
    });
    client.on('error', () => {}); // a cut also fails the call under way
    await client.connect();
    const { rows } = await client.query<SessionFacts>(statement('session-attributes'));
    client.end().catch(() => {});
    setTimeout(cut, GOODBYE_MS_MAX).unref();
    const [facts] = rows;
    if (facts && !FITS[wanted](facts))
      throw new UnwantedServerError(`${serverName} is ${kindOf(facts)}, not ${wanted}`);
  } catch (error) {
    if (!(error instanceof UnwantedServerError)) cut();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cut);
  }
}

interface SessionFacts {
  readonly is_standby: boolean;
  readonly is_read_only: boolean;
}

const FITS: Readonly<Record<SessionAttributes, (facts: SessionFacts) => boolean>> = {
  any: () => true,
  'read-write': ({ is_read_only }) => !is_read_only,
  'read-only': ({ is_read_only }) => is_read_only,
  primary: ({ is_standby }) => !is_standby,
  standby: ({ is_standby }) => is_standby,
  'prefer-standby': () => true,
};

const kindOf = ({ is_standby, is_read_only }: SessionFacts): string => {
  if (is_standby) return 'a standby';
  return is_read_only ? 'a read-only primary' : 'a primary';
};
