import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, type FileHandle, open, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { type Account, SERVER_ENVIRONMENT } from './run.ts';

const POLL_MS = 10;

/** Checks whether the process that `postmaster.pid` names is alive. */
export const isPostmasterAlive = async (cluster: Cluster): Promise<boolean> => {
  const postmaster = await readPostmaster(cluster);
  return postmaster !== undefined && isAlive(postmaster.pid);
};

export const isAlive = (pid: number): boolean => {
  if (pid === process.pid) return false; // the file is older than a reboot after which we got this pid
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, but another user's
  }
};

/** The content of `postmaster.pid`. The file may be stale: it survives a server that was killed. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

export const readPostmaster = async ({ dataDirectory }: Cluster): Promise<Postmaster | undefined> => {
  const file = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, , , , status] = file.split('\n');
  return pid && port
    ? { pid: Number(pid), port: Number(port), isReady: status?.trim() === 'ready' }
    : undefined;
};

/**
 * Starts a server in its own session, which a terminal's Ctrl-C does not reach.
 *
 * Resolves with undefined once it accepts connections, or with its log if it exits. If another server has the
 * data directory, the new one exits without harm: PostgreSQL's lock decides which of two starts wins.
 */
export const launch = async (
  cluster: Cluster,
  binaries: Binaries,
  account: Account,
  durable: boolean,
): Promise<string | undefined> => {
  const log = await openLog(cluster);
  const { size: logStart } = await log.stat();
  const server = spawn(
    binaries.postgres,
    serverArguments(cluster, binaries, await choosePort(cluster), durable),
    {
      ...account,
      cwd: '/',
      env: SERVER_ENVIRONMENT,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  server.unref();
  await once(server, 'spawn');
  const hasEnded = () => server.exitCode !== null || server.signalCode !== null;
  const isReady = async () => {
    const postmaster = await readPostmaster(cluster);
    return postmaster?.pid === server.pid && postmaster?.isReady;
  };
  while (!hasEnded() && !(await isReady())) await delay(POLL_MS);
  const logged = hasEnded() ? await readFrom(log, logStart) : undefined;
  await log.close();
  return logged;
};

const serverArguments = (cluster: Cluster, binaries: Binaries, port: number, durable: boolean): string[] => {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    log_checkpoints: 'off', // they would make the log grow without limit
    shared_preload_libraries: binaries.hasStatementStatistics ? 'pg_stat_statements' : '',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', cluster.dataDirectory, ...flags];
};

const LOG_BYTES_MAX = 10 * 1024 * 1024;

const openLog = async ({ logFile }: Cluster): Promise<FileHandle> => {
  // O_NOFOLLOW: the server's account owns the folder, and as root we must not follow a link that it created
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const log = await open(logFile, flags, 0o600);
  if ((await log.stat()).size > LOG_BYTES_MAX) await log.truncate();
  return log;
};

const readFrom = async (file: FileHandle, position: number): Promise<string> => {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(4096), position });
  return buffer.toString('utf8', 0, bytesRead).trim();
};

/** Chooses the previous port if it is free, so that clients find the server again. */
const choosePort = async ({ folder }: Cluster): Promise<number> => {
  const portFile = join(folder, 'port');
  const lastPort = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  const port = await freePort(lastPort).catch(() => freePort(0));
  await writeFile(portFile, String(port));
  return port;
};

/** Finds a port that is free now. If another program takes it first, the server exits. */
const freePort = async (wantedPort: number): Promise<number> => {
  const probe = createServer().listen(wantedPort, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
};
