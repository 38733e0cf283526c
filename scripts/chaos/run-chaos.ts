import { seededRandom } from '../support/random.ts';
import { type AlertFigures, inspectAlerts } from './alerts/inspect-alerts.ts';
import { type Audit, audit, breachesOf, type Example } from './audit.ts';
import type { ChaosSettings } from './chaos-settings.ts';
import { inflict } from './faults.ts';
import { inspectHistories } from './inspect-histories.ts';
import { planStrikes } from './plan.ts';
import { awaitAlertsSettled, awaitRecovery, awaitSettled, type Recovery } from './recovery.ts';
import { faultText, recoveryText, type Survived } from './report.ts';
import type { Scene } from './scene.ts';
import { ALERT_INTERVAL_MS, openStage } from './stage.ts';
import { insertTargets } from './targets.ts';

export interface Outcome {
  readonly audit: Audit;
  readonly alerts: AlertFigures;
  readonly survived: readonly Survived[];
  /** Longest time for which the test website could not answer, in ms */
  readonly websiteStalledMs: number;
  readonly breaches: readonly string[];
  readonly examples: readonly Example[];
}

/** Far beyond every backoff and timeout of the service: queries and LISTEN time out after 10 s. */
const RECOVERY_MS_MAX = 60_000;

/** Fraction of the run for which the database may stay stopped at a time */
const OUTAGE_SHARE = 0.1;
const OUTAGE_MS_MAX = 60_000;

/** Injects faults into workers, their database and the network between them, then audits the result. */
export async function runChaos(settings: ChaosSettings): Promise<Outcome> {
  const { durationMs, say } = settings;
  const breaches: string[] = [];
  const breach = (what: string): void => {
    breaches.push(what);
    say(`BREACH: ${what}`);
  };
  const { scene, website, receiver, historyFolder, close } = await openStage(settings, breach);
  try {
    await insertTargets(scene, settings.targets);
    await recover(scene);
    const survived = await strikeFor(durationMs, scene, settings);

    const horizon = new Date();
    if (!(await awaitSettled(scene, horizon, RECOVERY_MS_MAX))) breach('slots are still due at the end');
    receiver.calmDown();
    if (!(await awaitAlertsSettled(scene, RECOVERY_MS_MAX))) breach('alerts are still to be sent at the end');
    for (const worker of scene.workers) {
      const how = await worker.end('SIGTERM');
      if (how !== 0) breach(`${worker.process().name} ended with ${how} on SIGTERM`);
    }
    const websiteStalledMs = website.stalledMsMax(); // read before the audit, which may stall the website
    say('the workers have stopped; auditing');
    const found = await audit(scene.query, horizon, website);
    for (const what of breachesOf(found.audit)) breach(what);
    for (const what of await inspectHistories(historyFolder, scene, website.requests)) breach(what);
    const { figures: alerts, breaches: broken } = await inspectAlerts(scene, receiver, ALERT_INTERVAL_MS);
    for (const what of broken) breach(what);
    return { ...found, alerts, survived, breaches, websiteStalledMs };
  } finally {
    await close();
  }
}

/** Injects one strike after another, and waits for recovery after each, until the time is over. */
async function strikeFor(durationMs: number, scene: Scene, settings: ChaosSettings): Promise<Survived[]> {
  const { workers, seed } = settings;
  const outageMsMax = Math.min(OUTAGE_MS_MAX, durationMs * OUTAGE_SHARE);
  const plan = planStrikes(seededRandom(seed), { workers, leaseMs: scene.leaseMs, outageMsMax });
  const survived: Survived[] = [];
  const endMs = performance.now() + durationMs;
  for (const strike of plan) {
    if (performance.now() > endMs) break;
    const { faults, calmMs } = strike;
    for (const fault of faults) scene.say(faultText(fault));
    const isAlone = faults.length === 1;
    await allEnded(faults.map(fault => inflict(fault, { ...scene, isAlone })));
    const recovery = await recover(scene);
    if (recovery) survived.push({ strike, recovery });
    await scene.wait(calmMs);
  }
  return survived;
}

/** Like `Promise.all`, but waits for all if one rejects: the others could restart what is being removed. */
async function allEnded(faults: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(faults);
  await Promise.all(faults);
}

async function recover(scene: Scene): Promise<Recovery | null> {
  const recovery = await awaitRecovery(scene, RECOVERY_MS_MAX);
  if (typeof recovery === 'string') {
    scene.breach(`no recovery within ${RECOVERY_MS_MAX / 1_000} s: ${recovery}`);
    return null;
  }
  scene.say(`  ${recoveryText(recovery)}`);
  return recovery;
}
