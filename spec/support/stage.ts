import { type Ledger, openLedger } from './ledger.ts';
import { killProcesses } from './main-process.ts';
import type { TestDatabase } from './postgres.ts';
import { type Act, respond, type ScriptedWebsite, startScriptedWebsite } from './scripted-website.ts';
import { stopWorkersHere } from './worker-here.ts';

/** Where a worker's process is watched from both of its sides. */
export interface Stage {
  readonly ledger: Ledger;
  readonly website: ScriptedWebsite;
  /** Resolves once the website has been asked for `path`, or for anything, that often. */
  readonly requested: (times: number, path?: string) => Promise<void>;
  /** How often the website has been asked for which URL */
  readonly requestsByUrl: () => Readonly<Record<string, number>>;
  /** Kills the processes and stops the workers in this one, too. */
  readonly close: () => Promise<void>;
}

/**
 * @param acts what the website does for which path; by default it answers 200 to everything
 * @param database a fresh one unless it is given
 */
export async function openStage(
  acts: Readonly<Record<string, Act>> = {},
  database?: TestDatabase,
): Promise<Stage> {
  const ledger = await openLedger(database);
  const website = await startScriptedWebsite({ acts: { '*': respond(), ...acts } });
  const { origin, requests } = website;
  const countOf = (path: string | undefined): number =>
    requests.filter(request => path === undefined || request.path === path).length;
  return {
    ledger,
    website,
    requested: async (times, path) => {
      while (countOf(path) < times) await website.nextRequest();
    },
    requestsByUrl: () => {
      const urls = new Set(requests.map(({ path }) => path));
      return Object.fromEntries([...urls].map(path => [`${origin}${path}`, countOf(path)]));
    },
    close: async () => {
      await killProcesses();
      const stopped = stopWorkersHere();
      await website.close(); // ends the checks under way
      await stopped;
      await ledger.drop();
    },
  };
}
