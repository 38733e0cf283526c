import { isWorthWaitingFor } from '../../lib/postgres/error-codes.ts';
import { randomInteger } from '../support/random.ts';
import type { Fault, SharedFault, WorkerFault } from './plan.ts';
import { type Scene, sqlText, until } from './scene.ts';
import { sendSignal } from './server.ts';
import { changeTargets } from './targets.ts';
import type { Worker } from './worker.ts';

/**
 * Injects the fault. Resolves once it is over and only the workers still have to recover.
 *
 * @param scene also says whether another fault happens at the same time
 */
export function inflict(fault: Fault, scene: Circumstances): Promise<void> {
  if (fault.worker === null) return ON_ALL[fault.kind](fault.holdMs, scene);
  const victim = scene.workers[fault.worker];
  if (!victim) throw new RangeError(`there is no worker ${fault.worker + 1}`);
  return ON_WORKER[fault.kind](victim, fault.holdMs, scene);
}

type Circumstances = Scene & { readonly isAlone: boolean };

const ON_WORKER: Record<
  WorkerFault,
  (victim: Worker, holdMs: number, scene: Circumstances) => Promise<void>
> = {
  'kill-worker': async victim => {
    await victim.end('SIGKILL');
    victim.start();
  },

  'pause-worker': async (victim, holdMs, { wait }) => {
    victim.process().signal('SIGSTOP');
    await wait(holdMs);
    victim.process().signal('SIGCONT');
  },

  'stop-worker': async (victim, _holdMs, { breach, isAlone }) => {
    const { name } = victim.process();
    const how = await victim.end('SIGTERM');
    const couldNotSave = how === 1 && !isAlone; // the grace may end before the database is back
    if (how !== 0 && !couldNotSave) breach(`${name} ended with ${how} on SIGTERM`);
    victim.start();
  },

  'blackhole-listen': async (victim, holdMs, scene) => {
    const { isListening, name } = victim.process();
    const startedMs = performance.now();
    victim.listening.blackhole();
    if (!(await until(() => !isListening(), scene, LOSS_NOTICED_MS_MAX)))
      scene.breach(`${name} did not notice within ${LOSS_NOTICED_MS_MAX / 1_000} s that LISTEN is dead`);
    const noticedMs = performance.now() - startedMs;
    scene.say(`  ${name} noticed after ${(noticedMs / 1_000).toFixed(1)} s`);
    await scene.wait(Math.max(0, holdMs - noticedMs));
    victim.listening.heal();
  },

  'blackhole-query': async (victim, holdMs, { wait }) => {
    victim.queries.blackhole();
    await wait(holdMs);
    victim.queries.heal();
  },
};

/** A dead connection gives no sign: only an unanswered ping reveals it. */
const LOSS_NOTICED_MS_MAX = 15_000;

const restarted =
  (ending: 'fast' | 'immediate' | 'killed') =>
  async (holdMs: number, { server, wait }: Scene): Promise<void> => {
    await server.end(ending);
    await wait(holdMs);
    await server.start();
  };

const ON_ALL: Record<SharedFault, (holdMs: number, scene: Scene) => Promise<void>> = {
  'restart-fast': restarted('fast'),
  'restart-immediate': restarted('immediate'),
  'kill-postmaster': restarted('killed'),
  'stop-database': restarted('fast'),

  'kill-backend': async (_holdMs, { query, random }) => {
    const backends = await query<{ pid: number }>(sqlText('backends'));
    const victim = backends[randomInteger(random, { min: 0, max: backends.length - 1 })];
    if (victim) sendSignal(victim.pid, 'SIGKILL'); // the postmaster then restarts all other processes
  },

  'terminate-sessions': repeated({ min: 1_000, max: 1_000 }, async ({ query }) => {
    await query(sqlText('terminate-sessions'));
  }),

  'cut-connections': repeated({ min: 100, max: 1_000 }, async ({ workers }) => {
    for (const { queries, listening } of workers) {
      queries.cut();
      listening.cut();
    }
  }),

  'change-targets': repeated({ min: 200, max: 600 }, changeTargets),
};

function repeated(everyMs: { min: number; max: number }, strike: (scene: Scene) => Promise<void>) {
  return async (holdMs: number, scene: Scene): Promise<void> => {
    const endMs = performance.now() + holdMs;
    while (performance.now() < endMs) {
      await strike(scene).catch(error => {
        if (!isWorthWaitingFor(error)) throw error; // otherwise another fault at the same time is in the way
      });
      await scene.wait(randomInteger(scene.random, everyMs));
    }
  };
}
