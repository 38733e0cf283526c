import { cleanDetail } from '../domain/clean-text.ts';
import { describeError } from '../postgres/error-codes.ts';

/**
 * What to do about PostgreSQL's error codes; https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const REMEDIES: readonly (readonly [codes: RegExp, remedy: string])[] = [
  [
    /^(42P01|3F000|42703|42883|42704)$/,
    'the schema is missing or has another version: run website-monitor migrate',
  ],
  [/^42501$/, 'the role lacks a privilege: grant it a role of sql/roles.sql'],
  [/^(28...)$/, 'check the user and password in the DSN, and pg_hba.conf'],
  [/^3D000$/, 'create the database (createdb) or correct the DSN'],
  [
    /^(ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT)/,
    'check that PostgreSQL is running there and that the DSN is right',
  ],
  [
    /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|ERR_TLS_CERT)/,
    "set sslrootcert in the DSN to the authority of PostgreSQL's certificate, or a weaker sslmode",
  ],
  [/^53300$/, 'raise max_connections or lower --db-pool-size of the workers'],
];

/** Returns what to do about an error, if known. */
export function remedyOf(error: unknown): string | undefined {
  const told = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const { code } = (told ?? {}) as { code?: unknown };
  return REMEDIES.find(([codes]) => typeof code === 'string' && codes.test(code))?.[1];
}

/**
 * Describes an error without secrets. The name of a constraint of ours is a sentence, which describes it
 * best.
 */
export function troubleOf(error: unknown): string {
  const { constraint } = (error ?? {}) as { constraint?: unknown };
  const isSentence = typeof constraint === 'string' && constraint.includes(' ');
  return isSentence ? constraint : cleanDetail(describeError(error));
}

/** The trouble and its remedy in one line. */
export function explainTrouble(error: unknown): string {
  const remedy = remedyOf(error);
  return troubleOf(error) + (remedy === undefined ? '' : ` – ${remedy}`);
}
