import type { Check } from '../domain/check/check.ts';
import { cleanDetail } from '../domain/clean-text.ts';

/** The fields of a log line besides its message. An error is logged as name, message, code and stack only. */
export type Facts = Readonly<Record<string, string | number | boolean | null | undefined | Error>> & {
  readonly [taken in 'timestamp' | 'level' | 'message' | 'worker_id']?: never;
};

/** A log line before it is formatted. */
export interface Entry {
  readonly level: string;
  readonly message: string;
  readonly facts: Facts;
  readonly check?: { readonly check: Check; readonly isTraced: boolean };
}

/** Falls back to the code: Node's errors for several addresses at once have no message. */
export const errorText = (error: Error): string => error.message || errorCode(error) || error.name;

export const errorCode = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** The stack without its first lines, which repeat the message and can be of any length. */
export const stackFrames = (error: Error): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter(line => line.startsWith('    at '))
    .map(cleanDetail);
