import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import { backoffMs, DATABASE_BACKOFF } from '../domain/backoff.ts';
import { retryWithBackoff } from '../operators/retry-with-backoff.ts';

/**
 * Retries work that needs the database, without limit.
 *
 * @param onTrouble called before each retry; `attempt` is 1 for the first failure in a row
 * @param until when it emits during a pause, the result completes without another attempt; default never
 */
export const retryDatabase = <T>(
  onTrouble: (error: unknown, attempt: number) => void,
  until?: Observable<unknown>,
): MonoTypeOperatorFunction<T> =>
  retryWithBackoff(attempt => backoffMs(DATABASE_BACKOFF, attempt, Math.random()), onTrouble, until);
