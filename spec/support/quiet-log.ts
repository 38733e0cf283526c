import { NEVER } from 'rxjs';
import type { Log } from '../../lib/log/create-log.ts';

const quiet = () => {};

/** A log that writes nothing, except what `heard` takes. */
export const quietLog = (heard: Partial<Log> = {}): Log => ({
  error: quiet,
  warn: quiet,
  info: quiet,
  debug: quiet,
  check: quiet,
  transition: quiet,
  lineLost: NEVER,
  flush: async () => {},
  ...heard,
});
