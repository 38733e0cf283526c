import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import type { Dsn } from '../../domain/dsn.ts';
import { ConnectionFileError } from './connection-errors.ts';

/** False: without TLS */
export type Tls = ConnectionOptions | false;

/**
 * Returns how to encrypt, in the order to try, as libpq does: `prefer` falls back to no TLS, `allow` to TLS.
 * Reads the certificates that the DSN names, and those that libpq would find in `~/.postgresql`.
 *
 * Departs from libpq in that `verify-full` without a root certificate trusts the system's authorities, where
 * libpq refuses, and in that a missing `sslrootcert` is an error in every mode.
 *
 * @throws ConnectionFileError
 */
export async function loadTls(dsn: Dsn): Promise<readonly Tls[]> {
  if (dsn.tlsMode === 'disable') return [false];
  const secure = { ...(await trust(dsn)), ...(await identity(dsn)) };
  if (dsn.tlsMode === 'prefer') return [secure, false];
  return dsn.tlsMode === 'allow' ? [false, secure] : [secure];
}

/** Whom to trust, and what to verify. */
async function trust({ tlsMode, rootCertificate }: Dsn): Promise<ConnectionOptions> {
  if (tlsMode === 'no-verify') return { rejectUnauthorized: false };
  if (rootCertificate === 'system') return { ca: systemAuthorities() };
  const ca =
    rootCertificate === null
      ? await readDefault('root.crt')
      : await readGiven('sslrootcert', rootCertificate);
  if (tlsMode === 'verify-full') return { ca: ca ?? systemAuthorities() };
  if (ca !== null) return { ca, checkServerIdentity: () => undefined }; // any host, as in verify-ca
  if (tlsMode !== 'verify-ca') return { rejectUnauthorized: false };
  throw new ConnectionFileError('sslmode=verify-ca needs a root certificate: set sslrootcert to its file');
}

/** Those of the operating system, and those that Node brings, for containers that have none. */
const systemAuthorities = (): string[] => [...getCACertificates('default'), ...getCACertificates('system')];

/** Our own certificate, for servers that ask for one. */
async function identity({ certificate, key, passphrase }: Dsn): Promise<ConnectionOptions> {
  const cert =
    certificate === null ? await readDefault('postgresql.crt') : await readGiven('sslcert', certificate);
  if (cert === null) return {};
  const keyFile = key ?? defaultFile('postgresql.key');
  if (keyFile === null) throw new ConnectionFileError('sslcert needs a key: set sslkey to its file');
  return { cert, key: await readGiven('sslkey', keyFile), ...(passphrase !== null && { passphrase }) };
}

async function readGiven(parameter: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${code}`;
    throw new ConnectionFileError(`${parameter}=${file}: ${reason}`);
  }
}

const readDefault = async (name: string): Promise<string | null> => {
  const file = defaultFile(name);
  return file === null ? null : readFile(file, 'utf8').catch(() => null);
};

const defaultFile = (name: string): string | null => {
  try {
    return join(homedir(), '.postgresql', name);
  } catch {
    return null; // a user without a home
  }
};
