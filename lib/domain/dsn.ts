/**
 * Reads a connection string as libpq does:
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 *
 * Reads what says which server to choose and how to encrypt. Everything else (user, password, database,
 * `options`, `application_name`) stays in the text, for pg to read.
 */

export const TLS_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export const SESSION_ATTRIBUTES = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;

/** pg's own `no-verify` encrypts without verifying, whatever root certificate there is. */
export type TlsMode = (typeof TLS_MODES)[number] | 'no-verify';
export type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number];

export interface DsnServer {
  /** Names it in messages, as in `db1.example.com:5432` or `/run/postgresql` */
  readonly name: string;
  readonly isUnixSocket: boolean;
  /** A connection string for pg that names this server only */
  readonly dsn: string;
}

export interface Dsn {
  /** In the order in which they are tried; at least one */
  readonly servers: readonly DsnServer[];
  readonly wanted: SessionAttributes;
  /** Try them in random order */
  readonly isShuffled: boolean;
  /** For each server; null: not given */
  readonly connectTimeoutMs: number | null;
  readonly tlsMode: TlsMode;
  /** Files, null if not given. `rootCertificate` may be `system` */
  readonly rootCertificate: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly passphrase: string | null;
}

/** The text is no connection string; the message says why, as in "must be …", without the text itself. */
export class DsnError extends Error {
  override readonly name = 'DsnError';
}

const EXAMPLE = 'must be a PostgreSQL URL, as in postgres://user:password@host:5432/database';

/** Up to the last @ before the path is the user with the password. */
const FORM = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/i;

/** Read here, so pg must not see them: it would read some of them otherwise. */
const READ_HERE = new Set(
  `host port sslmode ssl sslrootcert sslcert sslkey sslpassword uselibpqcompat connect_timeout
   target_session_attrs load_balance_hosts`.split(/\s+/),
);

/** @throws DsnError */
export function parseDsn(text: string): Dsn {
  const [, scheme, user = '', authority = '', path = '/', search = ''] = FORM.exec(text) ?? fail(EXAMPLE);
  decode(user + path);
  const pairs = search.split('&').filter(Boolean);
  const given = new Map(pairs.map(pair => nameAndValue(pair)));
  const kept = pairs.filter(pair => !READ_HERE.has(nameAndValue(pair)[0]));
  const serverAt = ([host, port]: Address): DsnServer => {
    const isUnixSocket = host.startsWith('/');
    const place = host.includes(':') ? `[${host}]` : host;
    const isInPlace = host !== '' && !isUnixSocket;
    const parameters = isInPlace ? kept : [...parameter('host', host), ...parameter('port', port), ...kept];
    return {
      name: isUnixSocket ? host : `${place || 'localhost'}:${port || 5432}`,
      isUnixSocket,
      dsn: `${scheme}${user}${isInPlace ? place + (port && `:${port}`) : ''}${path}${query(parameters)}`,
    };
  };
  const rootCertificate = given.get('sslrootcert') || null;
  refuseWhatIsIgnored(given);
  return {
    servers: addresses(authority, given).map(serverAt),
    wanted: oneOf('target_session_attrs', given, SESSION_ATTRIBUTES) ?? 'any',
    isShuffled: oneOf('load_balance_hosts', given, ['disable', 'random']) === 'random',
    connectTimeoutMs: connectTimeoutMs(given.get('connect_timeout')),
    tlsMode: tlsMode(given, rootCertificate),
    rootCertificate,
    certificate: given.get('sslcert') || null,
    key: given.get('sslkey') || null,
    passphrase: given.get('sslpassword') || null,
  };
}

/** What libpq requires by these, pg does not know, and would connect without. Their values that require nothing are fine. */
const NOT_SUPPORTED: readonly (readonly [name: string, harmless: RegExp])[] = [
  ['channel_binding', /^(disable|prefer)$/],
  ['require_auth', /^$/],
  ['requirepeer', /^$/],
  ['gssencmode', /^(disable|prefer)$/],
  ['sslcrl', /^$/],
  ['sslcrldir', /^$/],
  ['sslnegotiation', /^postgres$/],
  ['ssl_min_protocol_version', /^TLSv1(\.[12])?$/],
  ['ssl_max_protocol_version', /^TLSv1\.3$/],
  ['hostaddr', /^$/],
  ['service', /^$/],
];

function refuseWhatIsIgnored(given: ReadonlyMap<string, string>): void {
  for (const [name, harmless] of NOT_SUPPORTED) {
    const value = given.get(name) ?? '';
    if (value !== '' && !harmless.test(value)) fail(`must not have ${name}, which is not supported`);
  }
}

/** Why a text is no connection string, as in "must be …"; null if it is one. */
export function dsnProblem(text: string): string | null {
  try {
    parseDsn(text);
    return null;
  } catch (error) {
    if (error instanceof DsnError) return error.message;
    throw error;
  }
}

function fail(message: string): never {
  throw new DsnError(message);
}

/** A stray % in a password, for example: pg would throw on it at the first connection. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(EXAMPLE);
  }
};

const nameAndValue = (pair: string): [name: string, value: string] => {
  const [name = '', ...value] = pair.split('=');
  return [decode(name), decode(value.join('='))];
};

const parameter = (name: string, value: string): string[] =>
  value === '' ? [] : [`${name}=${encodeURIComponent(value)}`];

const query = (parameters: readonly string[]): string =>
  parameters.length === 0 ? '' : `?${parameters.join('&')}`;

type Address = readonly [host: string, port: string];

/** Hosts and ports, from the place of the host or, as for Unix sockets, from the parameters. */
function addresses(authority: string, given: ReadonlyMap<string, string>): Address[] {
  const listed = authority.split(',').map(address => {
    const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(address) ?? fail(EXAMPLE);
    return [decode(host.replace(/^\[(.*)\]$/, '$1')), port] as const;
  });
  const hosts = given.get('host')?.split(',') ?? listed.map(([host]) => host);
  const ports = given.get('port')?.split(',') ?? listed.map(([, port]) => port);
  if (ports.length !== 1 && ports.length !== hosts.length) fail('must have one port, or one for each host');
  if (hosts.length > 1 && hosts.includes('')) fail('must have no empty host between commas');
  return hosts.map((host, index) => {
    const port = ports[ports.length === 1 ? 0 : index] ?? '';
    if (port !== '' && !(Number(port) >= 1 && Number(port) <= 65_535)) fail(EXAMPLE);
    return [host, port];
  });
}

function oneOf<const Word extends string>(
  name: string,
  given: ReadonlyMap<string, string>,
  words: readonly Word[],
): Word | undefined {
  const value = given.get(name);
  if (value === undefined || value === '') return undefined;
  return words.find(word => word === value) ?? fail(`must have ${name} as one of ${words.join(', ')}`);
}

/** As for libpq, 0 and below are no limit of the DSN's, and 1 is 2. */
function connectTimeoutMs(seconds: string | undefined): number | null {
  if (seconds === undefined || seconds === '') return null;
  if (!/^-?\d{1,6}$/.test(seconds)) fail('must have connect_timeout as whole seconds');
  return Number(seconds) <= 0 ? null : Math.max(2, Number(seconds)) * 1_000;
}

/** What `ssl` means to pg and to JDBC, in libpq's words. */
const SSL_WORDS = new Map<string, TlsMode>([
  ['true', 'require'],
  ['1', 'require'],
  ['false', 'disable'],
  ['0', 'disable'],
  ['no-verify', 'no-verify'],
]);

function tlsMode(given: ReadonlyMap<string, string>, rootCertificate: string | null): TlsMode {
  if (given.get('sslmode') === 'no-verify') return 'no-verify';
  const ssl = oneOf('ssl', given, [...SSL_WORDS.keys()]); // an unknown word must not fall back to no TLS
  const mode = oneOf('sslmode', given, TLS_MODES) ?? SSL_WORDS.get(ssl ?? '');
  if (rootCertificate !== 'system') return mode ?? 'prefer';
  if (mode !== undefined && mode !== 'verify-full')
    fail('must have sslmode=verify-full with sslrootcert=system');
  return 'verify-full';
}
