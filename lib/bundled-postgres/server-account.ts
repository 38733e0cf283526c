import { readFile, stat } from 'node:fs/promises';
import { BundledServerError } from './bundled-server-error.ts';
import { type Account, run } from './run.ts';

/** Tried in this order, before any other account */
const PREFERRED_NAMES = ['postgres', 'nobody'];

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Chooses the account that runs the server: our own, unless we are root, as which PostgreSQL refuses to run.
 *
 * The owner of existing data runs the server. New data may belong to any account in the password file (initdb
 * requires an entry there), so no account has to be created.
 */
export const serverAccount = async (clusterFolder: string): Promise<Account> => {
  if (process.getuid?.() !== 0) return {};
  const owner = await stat(clusterFolder).catch(() => undefined);
  if (owner !== undefined) return ownerAccount(owner, clusterFolder);
  return unprivilegedAccount(await readFile('/etc/passwd', 'utf8'));
};

const ownerAccount = ({ uid, gid }: { uid: number; gid: number }, clusterFolder: string): Account => {
  if (uid !== 0) return { uid, gid };
  throw new BundledServerError(
    `${clusterFolder} belongs to root, and PostgreSQL refuses to run as root: give it to its former owner ` +
      `(chown -R postgres ${clusterFolder}), or choose another data folder`,
  );
};

/** Chooses the best account in the password file `passwd`; never root. */
export const unprivilegedAccount = (passwd: string): Account => {
  const entries = passwd.split('\n').flatMap(parseEntry);
  const preferred = PREFERRED_NAMES.flatMap(name => entries.filter(entry => entry.name === name));
  const [best] = [...preferred, ...entries];
  if (best !== undefined) return { uid: best.uid, gid: best.gid };
  throw new BundledServerError(
    'PostgreSQL refuses to run as root, and /etc/passwd lists no other user who could run it: ' +
      'add one, run as another user, or set the DSN of your own PostgreSQL',
  );
};

const parseEntry = (line: string): PasswdEntry[] => {
  const [name, , uid, gid] = line.split(':');
  const entry = { name: name ?? '', uid: Number(uid), gid: Number(gid) };
  return entry.uid > 0 && entry.gid > 0 ? [entry] : [];
};

/** Checks whether `account` can enter `folder`, by trying: mode bits are not conclusive. */
export const canEnter = async (account: Account, folder: string): Promise<boolean> =>
  (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], account)).ok;
