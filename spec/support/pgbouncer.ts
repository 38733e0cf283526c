import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unprivilegedAccount } from '../../lib/bundled-postgres/server-account.ts';
import { lacking } from './debian.ts';
import { freePort } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface PgBouncer {
  /** To the same database, through it */
  readonly dsn: string;
  readonly close: () => Promise<void>;
}

/** The real one, in transaction mode, before the server that `dsn` names. */
export async function startPgBouncer(dsn: string): Promise<PgBouncer> {
  const folder = await temporaryFolder();
  const account = process.getuid?.() === 0 ? unprivilegedAccount(await readFile('/etc/passwd', 'utf8')) : {};
  const server = new URL(dsn);
  const port = await freePort();
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const files = {
    users: `${quoted(decodeURIComponent(server.username))} ${quoted(decodeURIComponent(server.password) || 'none')}\n`,
    settings: `[databases]
* = host=${server.hostname} port=${server.port || 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'users')}
pool_mode = transaction
default_pool_size = 5
`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    if ('uid' in account) await chown(join(folder, name), account.uid, account.gid);
  }

  const pooler = spawn('pgbouncer', [join(folder, 'settings')], {
    ...account,
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(pooler, 'spawn').catch(error => lacking('pgbouncer', error));
  let told = '';
  for await (const text of pooler.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    told += text;
    if (told.includes('process up')) break;
  }
  if (pooler.exitCode !== null) throw new Error(`pgbouncer has ended: ${told}`);
  pooler.stderr.resume();

  const through = new URL(dsn);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  through.password ||= 'none';
  return {
    dsn: through.href,
    close: async () => {
      const ended = once(pooler, 'close');
      pooler.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
