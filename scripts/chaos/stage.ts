import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectDatabase, type Query } from '../../lib/postgres/database.ts';
import { migrate } from '../../lib/postgres/migrate.ts';
import { seededRandom } from '../support/random.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { type AlertReceiver, startAlertReceiver } from './alerts/alert-receiver.ts';
import type { ChaosSettings } from './chaos-settings.ts';
import { type Scene, sqlText, waitUnless } from './scene.ts';
import { type BatteredServer, startBatteredServer } from './server.ts';
import { type CountingWebsite, startCountingWebsite } from './website.ts';
import { startWorker, type Worker } from './worker.ts';

export interface Stage {
  readonly scene: Scene;
  readonly website: CountingWebsite;
  readonly receiver: AlertReceiver;
  /** Of the workers' history files */
  readonly historyFolder: string;
  /** Ends and removes everything that was started, in any state. */
  readonly close: () => Promise<void>;
}

const TIMEOUT_S = 2;
const LEASE_MARGIN_S = 3;
/** The first, and the one that `--confirm` makes by default */
const ATTEMPTS_MAX = 2;

/** Short, so that many messages go out */
export const ALERT_INTERVAL_MS = 2_000;

/** The audit compares everything recorded with everything expected. */
const AUDIT_MS_MAX = 600_000;

/** Short leases, so that they expire often. */
const FLAGS = [
  '--allow-private-targets=127.0.0.0/8,::1',
  `--max-timeout=${TIMEOUT_S}`,
  `--lease-margin=${LEASE_MARGIN_S}`,
  '--allow-private-channels=127.0.0.0/8',
  `--alert-interval=${ALERT_INTERVAL_MS / 1_000}`,
  '--default-recovery-period=2',
];

type Undo = (() => Promise<unknown>)[];

/** Starts a server, a schema with its witness, a website, and workers that wait for targets. */
export async function openStage(settings: ChaosSettings, breach: Scene['breach']): Promise<Stage> {
  const { folder, seed, say, interrupted } = settings;
  const undo: Undo = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    const step = undo.pop();
    if (step) await step().finally(close); // undo the others even if one fails
  };
  try {
    const server = await startBatteredServer(folder);
    undo.push(() => server.end('immediate'));
    const query = await openDatabase(server, undo);
    const website = await startCountingWebsite(seededRandom(seed));
    undo.push(website.close);
    const receiver = await startAlertReceiver(seededRandom(seed));
    undo.push(receiver.close);
    await query(sqlText('insert-channels'), [receiver.origin]);
    const historyFolder = join(folder, 'histories');
    await mkdir(historyFolder);
    const workers = await startWorkers(server, { ...settings, historyFolder }, breach, undo);
    const scene: Scene = {
      server,
      workers,
      query,
      website,
      targetCount: settings.targets,
      intervalSeconds: settings.intervalSeconds,
      leaseMs: (ATTEMPTS_MAX * TIMEOUT_S + LEASE_MARGIN_S) * 1_000,
      random: seededRandom(seed),
      wait: waitUnless(interrupted),
      breach,
      say,
    };
    return { scene, website, receiver, historyFolder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openDatabase(server: BatteredServer, undo: Undo): Promise<Query> {
  const way = await tcpProxy(server.address); // its address stays when the server's changes
  undo.push(way.close);
  const database = connectDatabase({
    dsn: way.through(server.dsn()),
    poolSize: 2,
    applicationName: 'chaos',
    queryTimeoutMs: AUDIT_MS_MAX,
  });
  undo.push(database.close);
  await migrate(database);
  await database.query(sqlText('witness'));
  return database.query;
}

async function startWorkers(
  server: BatteredServer,
  settings: ChaosSettings & Pick<Stage, 'historyFolder'>,
  breach: Scene['breach'],
  undo: Undo,
): Promise<Worker[]> {
  const { workers: count, historyFolder, logFolder, interrupted } = settings;
  const workers: Worker[] = [];
  for (let number = 1; number <= count; number += 1) {
    const worker = await startWorker(server, {
      number,
      flags: FLAGS,
      historyFolder,
      logFolder,
      onDesertion: told => interrupted.aborted || breach(told), // Ctrl-C in a terminal interrupts the workers too
    });
    undo.push(worker.close);
    workers.push(worker);
  }
  return workers;
}
