import type { Database } from '../../postgres/database.ts';
import type { Work } from '../work.ts';

/** What one look has found. */
export interface Finding {
  readonly name: string;
  /** `warn`: the service works, but less well than it could; `fail`: it does not */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** What to do */
  readonly remedy?: string;
}

export interface Examination extends Work<'doctor'> {
  readonly database: Database;
  readonly dsn: string;
}
