import { connectDatabase } from '../../lib/postgres/database.ts';
import { migrate } from '../../lib/postgres/migrate.ts';
import { seededRandom } from '../support/random.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import type { ChaosSettings } from './run-chaos.ts';
import { type Scene, sqlText, waitUnless } from './scene.ts';
import { startBatteredServer } from './server.ts';
import { type CountingWebsite, startCountingWebsite } from './website.ts';
import { startWorker, type Worker } from './worker.ts';

export interface Stage {
  readonly scene: Scene;
  readonly website: CountingWebsite;
  /** Ends and removes whatever was started, in whatever state it is. */
  readonly close: () => Promise<void>;
}

const TIMEOUT_S = 2;
const LEASE_MARGIN_S = 3;

/** Short leases, so that they run out often. */
const FLAGS = [`--max-timeout=${TIMEOUT_S}`, `--lease-margin=${LEASE_MARGIN_S}`];

/** A server, a schema with its witness, a website, and workers that wait for targets. */
export async function openStage(settings: ChaosSettings, breach: Scene['breach']): Promise<Stage> {
  const { folder, seed, logFolder, say, interrupted } = settings;
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const server = await startBatteredServer(folder);
    undo.push(server.remove);
    const ownWay = await tcpProxy(server.address); // its address stays when the server's changes
    undo.push(ownWay.close);
    const dsn = ownWay.through(server.dsn());
    const database = connectDatabase({ dsn, poolSize: 2, applicationName: 'chaos', queryTimeoutMs: 60_000 });
    undo.push(database.close);
    await migrate(database);
    await database.query(sqlText('witness'));

    const website = await startCountingWebsite(seededRandom(seed));
    undo.push(website.close);
    const workers: Worker[] = [];
    for (let number = 1; number <= settings.workers; number += 1) {
      const worker = await startWorker(server, { number, flags: FLAGS, logFolder, onDesertion: breach });
      undo.push(worker.close);
      workers.push(worker);
    }
    const scene: Scene = {
      server,
      workers,
      query: database.query,
      website,
      targetCount: settings.targets,
      intervalSeconds: settings.intervalSeconds,
      leaseMs: (TIMEOUT_S + LEASE_MARGIN_S) * 1_000,
      random: seededRandom(seed),
      wait: waitUnless(interrupted),
      breach,
      say,
    };
    return { scene, website, close };
  } catch (error) {
    await close();
    throw error;
  }
}
