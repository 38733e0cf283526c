import { cleanDetail } from '../domain/clean-text.ts';
import { describeError } from '../postgres/error-codes.ts';

/** What to do about what PostgreSQL says by its code; https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REMEDIES: readonly (readonly [codes: RegExp, remedy: string])[] = [
  [
    /^(42P01|3F000|42703|42883|42704)$/,
    'the schema is not there, or of another version: website-monitor migrate',
  ],
  [/^42501$/, 'the login lacks a right: sql/roles.sql has roles that suffice'],
  [/^(28...)$/, 'look at user and password of the DSN, and at pg_hba.conf'],
  [/^3D000$/, 'make the database (createdb), or correct the DSN'],
  [/^(ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT)/, 'look whether PostgreSQL runs there, and at the DSN'],
  [/^53300$/, 'raise max_connections, or lower --db-pool-size of the workers'],
];

/** What to do, where that is known. */
export function remedyOf(error: unknown): string | undefined {
  const told = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const { code } = (told ?? {}) as { code?: unknown };
  return REMEDIES.find(([codes]) => typeof code === 'string' && codes.test(code))?.[1];
}

/** What is wrong, without secrets. */
export const troubleOf = (error: unknown): string => cleanDetail(describeError(error));

/** Both in one line. */
export function explainTrouble(error: unknown): string {
  const remedy = remedyOf(error);
  return troubleOf(error) + (remedy === undefined ? '' : ` – ${remedy}`);
}
