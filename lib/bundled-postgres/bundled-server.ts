import { chmod, mkdir, realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, platformPackageFolder, usableBinaries } from './binaries.ts';
import { BundledServerError } from './bundled-server-error.ts';
import { type Cluster, clusterIn, ensureCluster } from './cluster.ts';
import { findRunning } from './find-running.ts';
import { identify } from './identify.ts';
import { isPostmasterAlive, launch } from './postmaster.ts';
import { type Account, run } from './run.ts';
import { canEnter, serverAccount } from './server-account.ts';

/** Where the bundled server keeps its data, and how safely. */
export interface BundledServerOptions {
  /** Created if missing; see `defaultDataFolder` */
  readonly dataFolder: string;
  /** False is faster, but data may not survive a power cut: for specs. Default true */
  readonly durable?: boolean | undefined;
}

/** A running PostgreSQL that came with the package. */
export interface BundledServer {
  /** A superuser's DSN, with the password */
  readonly dsn: string;
  readonly dataFolder: string;
  /**
   * Restarts the server on the same port if it is gone. Resolves with whether it was gone. Call it regularly.
   */
  readonly revive: () => Promise<boolean>;
  /** Stops the server, unless other clients have sessions open. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a PostgreSQL server on 127.0.0.1 with its data in `dataFolder`, or adopts the one that runs there.
 *
 * Any number of processes may share it. It outlives this process unless stopped, so killing a process does
 * not take the server away from the others.
 *
 * @throws BundledServerError with a reason and a remedy
 */
export const startBundledServer = async (options: BundledServerOptions): Promise<BundledServer> => {
  const packageFolder = platformPackageFolder(); // first: without it no data folder is needed
  const made = await mkdir(options.dataFolder, { recursive: true }).catch(refuse);
  const dataFolder = await realpath(options.dataFolder);
  const cluster = clusterIn(dataFolder);
  const account = await serverAccount(cluster.folder);
  const isRoot = 'uid' in account;
  if (made !== undefined) await chmod(dataFolder, isRoot ? 0o755 : 0o700);
  if (isRoot) await refuseUnlessEntered(dataFolder, account);
  const durable = options.durable ?? true;
  const binaries = await usableBinaries(dataFolder, account, packageFolder);
  await ensureCluster(cluster, binaries, account, durable);
  const dsn = await findOrLaunch(cluster, () => launch(cluster, binaries, account, durable));
  const revive = async (): Promise<boolean> => {
    if (await isPostmasterAlive(cluster)) return false;
    const found = await findOrLaunch(cluster, () => launch(cluster, binaries, account, durable));
    if (found === dsn) return true;
    throw new BundledServerError("another program has taken PostgreSQL's port: restart website-monitor");
  };
  return { dsn, dataFolder, revive, stop: () => stop(dsn, cluster, binaries, account) };
};

const refuse = ({ message }: Error): never => {
  throw new BundledServerError(`cannot create the data folder (${message}): choose another`);
};

const refuseUnlessEntered = async (dataFolder: string, account: Account): Promise<void> => {
  if (await canEnter(account, dataFolder)) return;
  throw new BundledServerError(
    `PostgreSQL refuses to run as root, and user ${account.uid}, who runs it instead, cannot enter ${dataFolder}: ` +
      'choose a data folder that every user can enter, such as one in /var/lib',
  );
};

const LAUNCHES_MAX = 5;

/** A crashed server's processes need a moment to notice and to release its shared memory */
const RELAUNCH_AFTER_MS = 500;

/** Finds the running server or launches one. Another process may be launching too; either may win. */
const findOrLaunch = async (
  cluster: Cluster,
  launchServer: () => Promise<string | undefined>,
): Promise<string> => {
  for (let launches = 0, logged: string | undefined; ; launches += 1) {
    const dsn = await findRunning(cluster);
    if (dsn !== undefined) return dsn;
    if (launches === LAUNCHES_MAX) throw new BundledServerError(`PostgreSQL failed to start: ${logged}`);
    if (logged !== undefined) await delay(RELAUNCH_AFTER_MS);
    logged = await launchServer();
  }
};

/** A session that has just closed may still be listed for this long */
const SESSIONS_LINGER_MS = 1_000;

const stop = async (dsn: string, cluster: Cluster, binaries: Binaries, account: Account): Promise<void> => {
  const startedAtMs = performance.now();
  for (;;) {
    const identity = await identify(dsn, cluster);
    if (identity.kind !== 'ours') return;
    if (identity.otherSessions === 0) break;
    if (performance.now() - startedAtMs > SESSIONS_LINGER_MS) return;
    await delay(20);
  }
  const flags = [`--pgdata=${cluster.dataDirectory}`, '--mode=fast', '--wait'];
  const stopped = await run(binaries.pgCtl, ['stop', ...flags], account);
  if (stopped.ok || (await identify(dsn, cluster)).kind !== 'ours') return; // another process may have stopped it
  throw new BundledServerError(`PostgreSQL failed to stop: ${stopped.reason}`);
};
