/** Which server to connect to, with how many connections. */
export interface PoolSettings {
  /** As libpq reads it: it may name several servers, of which `target_session_attrs` chooses */
  readonly dsn: string;
  /** Connections at once */
  readonly poolSize: number;
  /** Shown in `pg_stat_activity` */
  readonly applicationName: string;
  /** Longest wait for a connection to a server, unless the DSN has `connect_timeout`; default 5000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest wait for an answer, after which the connection is discarded; default 10,000 */
  readonly queryTimeoutMs?: number | undefined;
  /** Called when a connection breaks, whether or not a statement fails with it */
  readonly onConnectionError?: ((error: Error) => void) | undefined;
}
