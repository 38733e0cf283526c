import pg from 'pg';

const codeOf = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined;

/** The rows themselves were refused (classes 22 and 23): the same statement would fail again. */
export const isAboutTheData = (error: unknown): boolean => /^2[23]/.test(codeOf(error) ?? '');

/** The server takes no writes: after a failover, the old primary. */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === '25006';

/** Only the statement failed; anything else (a time-out, a cut, a FATAL) leaves the connection in doubt. */
export const leavesConnectionUsable = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity === 'ERROR' && !isReadOnly(error);

/** A prepared statement was not where it was prepared, or was there already: sessions are not ours, but a pooler's. */
export const isAboutPreparing = (error: unknown): boolean => /^(26000|42P05)$/.test(codeOf(error) ?? '');

/**
 * The server cannot be reached, is starting or stopping, has no connection to spare, or another session
 * was in the way: it may be otherwise in a moment. A refused password, a missing database or right will not.
 */
export function isWorthWaitingFor(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|40|53|55P03|57)/.test(error.code ?? '');
  if (error instanceof AggregateError) return error.errors.some(isWorthWaitingFor);
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  // Node's codes for sockets and names; pg has only words for its own time-outs and cuts
  return SOCKET_CODES.test(code ?? '') || /timeout|terminated/i.test(error.message);
}

const SOCKET_CODES = /^(ECONN|EHOST|ENET|EAI_|ENOTFOUND|ETIMEDOUT|EPIPE|EADDR|ENOENT)/;

/** For a log: what kind of trouble it is, without the statement, its values or the DSN. */
export function describeError(error: unknown): string {
  // Node tells of a host with several addresses by an error without a message.
  const told = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  if (!(told instanceof Error)) return 'unknown error';
  const code = (told as { code?: unknown }).code;
  return typeof code === 'string' ? `${told.message} (${code})` : told.message;
}
