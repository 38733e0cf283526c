import { connectDatabase, type Database } from '../postgres/database.ts';

export interface DatabaseOptions {
  readonly workerId: string;
  readonly dbPoolSize: number;
  /** Null unless `dsn` leads through a pooler: a second DSN is given for nothing else */
  readonly listenDsn: string | null;
}

/** The pool of one worker. Its caller closes it. */
export const openDatabase = (
  { workerId, dbPoolSize, listenDsn }: DatabaseOptions,
  dsn: string,
  onConnectionError: (error: Error) => void = () => {},
): Database =>
  connectDatabase({
    dsn,
    poolSize: dbPoolSize,
    applicationName: workerId,
    isPooled: listenDsn !== null,
    seesEveryRow: true,
    onConnectionError,
  });
