import type { Database } from '../../postgres/database.ts';
import type { Work } from '../work.ts';

/** The result of one examination. */
export interface Finding {
  readonly name: string;
  /** `warn`: the service works, but not as well as it could; `fail`: it does not work */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** What to do */
  readonly remedy?: string;
}

export interface Examination extends Work<'doctor'> {
  readonly database: Database;
  readonly dsn: string;
}
