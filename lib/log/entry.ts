import type { Check } from '../domain/check/check.ts';
import { cleanDetail } from '../domain/clean-text.ts';

/** What a log line tells beside its message. An error is told by name, message, code and stack only. */
export type Facts = Readonly<Record<string, string | number | boolean | null | undefined | Error>> & {
  readonly [taken in 'timestamp' | 'level' | 'message' | 'worker_id']?: never;
};

/** What the formats are given. */
export interface Entry {
  readonly level: string;
  readonly message: string;
  readonly facts: Facts;
  readonly check?: { readonly check: Check; readonly isTraced: boolean };
}

/** Node's errors for several addresses at once have a code, and no message. */
export const errorText = (error: Error): string => error.message || errorCode(error) || error.name;

export const errorCode = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Without the message, which stands at the head of a stack and can be of any length. */
export const stackFrames = (error: Error): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter(line => line.startsWith('    at '))
    .map(cleanDetail);
