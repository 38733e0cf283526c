import { isPowerOfTwo } from '../domain/power-of-two.ts';
import { redactText } from '../domain/redact.ts';
import type { DatabaseWork } from '../postgres/checking/postgres-ports.ts';
import { describeError } from '../postgres/error-codes.ts';

type Tell = (message: string, facts: Readonly<Record<string, string | number>>) => void;

/** Where an embedding program is told what happens; `console` will do. Must return at once and not throw. */
export interface Logger {
  readonly warn: Tell;
  readonly info: Tell;
}

const SILENT: Logger = { warn: () => {}, info: () => {} };

/** What an embedded monitor has to tell. Of an outage, the first, second, fourth, eighth … attempt. */
export function tellLogger({ warn, info }: Pick<Logger, 'warn' | 'info'> = SILENT) {
  const about = (error: unknown) => ({ reason: redactText(describeError(error)) });
  const failed = (what: string, error: unknown, attempt: number): void => {
    if (isPowerOfTwo(attempt)) warn(what, { ...about(error), attempt });
  };
  return {
    waiting: (error: unknown, attempt: number) => failed('waiting for the database', error, attempt),
    trouble: (work: DatabaseWork, error: unknown, attempt: number) =>
      failed(`${work} failed, and is tried again`, error, attempt),
    migrated: (name: string) => info('migration applied', { name }),
    listening: (isUp: boolean) =>
      info(isUp ? 'listening for changes' : 'not listening: looks for work every second instead', {}),
    notKeptUp: (what: string, error: unknown) => warn(what, about(error)),
  };
}

export type Teller = ReturnType<typeof tellLogger>;
