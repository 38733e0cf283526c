import pg from 'pg';
import { ConnectionFileError, UnwantedServerError } from './connecting/connection-errors.ts';

const codeOf = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined;

/** The server rejected the rows themselves (classes 22 and 23): retrying is of no use. */
export const isAboutTheData = (error: unknown): boolean => /^2[23]/.test(codeOf(error) ?? '');

/** The same schema, table or row exists already. */
export const isAboutExisting = (error: unknown): boolean => /^(42P06|42P07|23505)$/.test(codeOf(error) ?? '');

/** A lock was not free within `lock_timeout`. */
export const isLockTimeout = (error: unknown): boolean => codeOf(error) === '55P03';

/** The server takes no writes, such as the old primary after a failover. */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === '25006';

/** Only the statement failed. After anything else (a timeout, a cut, a FATAL) the connection is in doubt. */
export const leavesConnectionUsable = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity === 'ERROR' && !isReadOnly(error);

/** A prepared statement is missing or exists already: a pooler switches sessions under us. */
export const isAboutPreparing = (error: unknown): boolean => /^(26000|42P05)$/.test(codeOf(error) ?? '');

/**
 * Retrying may help: the server cannot be reached, is starting or stopping, has no free connection, or
 * another session was in the way. A wrong password, a missing database or a missing right is not worth
 * waiting for.
 */
export function isWorthWaitingFor(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|40|53|55P03|57)/.test(error.code ?? '');
  if (error instanceof ConnectionFileError) return false;
  if (error instanceof UnwantedServerError) return true; // a standby may be promoted
  if (error instanceof AggregateError) return error.errors.some(isWorthWaitingFor);
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  // Node has codes for sockets and names; pg reports its own timeouts and cuts by message only
  return SOCKET_CODES.test(code ?? '') || /timeout|terminated/i.test(error.message);
}

const SOCKET_CODES = /^(ECONN|EHOST|ENET|EAI_|ENOTFOUND|ETIMEDOUT|EPIPE|EADDR|ENOENT)/;

/** Describes an error for the log, without the statement, its values or the DSN. */
export function describeError(error: unknown): string {
  // Where a host has several addresses, Node's error has no message of its own.
  const cause =
    error instanceof AggregateError && !error.message && error.errors.length > 0 ? error.errors[0] : error;
  if (!(cause instanceof Error)) return 'unknown error';
  const code = (cause as { code?: unknown }).code;
  return typeof code === 'string' ? `${cause.message} (${code})` : cause.message;
}

/** The server refused this statement: not for want of anything, nor because another session was in the way. */
export const isAboutTheStatement = (error: unknown): boolean =>
  leavesConnectionUsable(error) &&
  !isAboutPreparing(error) &&
  !isWorthWaitingFor(error) &&
  !/^58/.test(codeOf(error) ?? '');
