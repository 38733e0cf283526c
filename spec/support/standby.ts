import { execFile } from 'node:child_process';
import { appendFile, cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { usableBinaries } from '../../lib/bundled-postgres/binaries.ts';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { SERVER_ENVIRONMENT } from '../../lib/bundled-postgres/run.ts';
import { freePort } from './free-port.ts';
import type { OwnServer } from './own-server.ts';
import { psqlLike, type TestDatabase } from './postgres.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A server that follows another, and waits to be promoted. */
export interface Standby {
  readonly port: number;
  readonly database: TestDatabase;
  /** Resolves once it takes writes */
  readonly promote: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Copies the primary's files and follows it. From then on, each commit waits until the standby has it. */
export async function startStandby(primary: OwnServer): Promise<Standby> {
  const folder = await temporaryFolder();
  const data = join(folder, 'data');
  const port = await freePort();
  const { pgCtl } = await usableBinaries(primary.folder, primary.account);
  await copyFiles(primary, data, port);
  const control = (...flags: string[]) =>
    promisify(execFile)(pgCtl, [...flags, `--pgdata=${data}`, '--wait', `--log=${data}/standby.log`], {
      ...primary.account,
      cwd: '/',
      env: SERVER_ENVIRONMENT,
    });
  await control('start');

  const psql = await psqlLike(primary.dsn);
  await psql.query("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
  await psql.query('SELECT pg_reload_conf()');
  for (let isFollowing = false; !isFollowing; ) {
    const { rows } = await psql.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'");
    isFollowing = rows.length === 1;
  }
  await psql.end();

  const dsn = new URL(primary.dsn);
  dsn.port = String(port);
  return {
    port,
    database: { dsn: dsn.href, drop: async () => {} },
    promote: async () => {
      const own = await psqlLike(dsn.href);
      await own.query('SELECT pg_promote()');
      await own.end();
    },
    close: async () => {
      await control('stop', '--mode=immediate');
      await rm(folder, { recursive: true });
    },
  };
}

/** As pg_basebackup would, which the bundled server lacks. */
async function copyFiles({ dsn, folder, account }: OwnServer, data: string, port: number): Promise<void> {
  const { hostname, port: primaryPort, username, password } = new URL(dsn);
  const psql = await psqlLike(dsn);
  await psql.query("SELECT pg_backup_start('standby', true)");
  await cp(clusterIn(folder).dataDirectory, data, {
    recursive: true,
    filter: file => !/\/(postmaster\.(pid|opts)|pg_wal\/[0-9A-F]+)$/.test(file),
  });
  const { rows } = await psql.query('SELECT labelfile FROM pg_backup_stop()');
  await psql.end();
  await writeFile(join(data, 'backup_label'), rows[0].labelfile);
  await writeFile(join(data, 'standby.signal'), '');
  const follow = `host=${hostname} port=${primaryPort} user=${username} password=${password} application_name=standby`;
  await appendFile(
    join(data, 'postgresql.auto.conf'),
    `primary_conninfo = '${follow}'\nport = ${port}\nlisten_addresses = '127.0.0.1'
     unix_socket_directories = ''\nfsync = off\n`,
  );
  if (account.uid !== undefined)
    await promisify(execFile)('chown', ['-R', `${account.uid}:${account.gid}`, data]);
}
