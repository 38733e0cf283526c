import type { Alert, AlertFacts, Step } from './alert.ts';
import { step } from './step.ts';

/** Longest wait for a check of the parent, or for one after a silence, before an alert opens without it. */
const RECHECK_MS_MAX = 30_000;
/** From one look for such a check to the next */
const RECHECK_LOOK_MS = 2_000;
/** How long trouble of a worker's own network may hold an alert back */
const NETWORK_HOLD_MS_MAX = 120_000;
const NETWORK_LOOK_MS = 5_000;
/** A look at what is held, in case the event that ends it was missed */
export const HELD_LOOK_MS = 60_000;

/** The first reason not to send an alert yet; null if there is none. */
export const hold = (alert: Alert, facts: AlertFacts, nowMs: number): Step | null =>
  holdForSilence(alert, facts, nowMs) ??
  holdForParent(alert, facts, nowMs) ??
  holdForNetwork(alert, facts, nowMs);

/** Once a silence is over, what it held is told only if a new check finds it down still. */
function holdForSilence(alert: Alert, { silencedUntilMs, target }: AlertFacts, nowMs: number): Step | null {
  if (silencedUntilMs !== null)
    return step(
      { ...alert, state: 'held', heldBy: 'silence', recheckedMs: null },
      Math.min(silencedUntilMs, nowMs + HELD_LOOK_MS),
    );
  return alert.heldBy === 'silence' && target !== null
    ? awaitCheck(alert, 'silence', target.checkedMs, nowMs)
    : null;
}

/** A target whose parent is down says nothing new. */
function holdForParent(alert: Alert, { parent }: AlertFacts, nowMs: number): Step | null {
  if (parent === null) return null;
  if (parent.isDown)
    return step({ ...alert, state: 'held', heldBy: 'parent', recheckedMs: null }, nowMs + HELD_LOOK_MS);
  const isKnown = (parent.checkedMs ?? 0) >= alert.startedMs;
  return isKnown ? null : awaitCheck(alert, 'parent', parent.checkedMs, nowMs);
}

function holdForNetwork(alert: Alert, { isWorkerLost }: AlertFacts, nowMs: number): Step | null {
  const endsMs = alert.noticedMs + NETWORK_HOLD_MS_MAX;
  if (!isWorkerLost || nowMs >= endsMs) return null;
  return step(
    { ...alert, state: 'held', heldBy: 'network', mayBeOurNetwork: true },
    Math.min(nowMs + NETWORK_LOOK_MS, endsMs),
  );
}

/** Asks for a check once, and waits for it; null once it is there, or was waited for long enough. */
function awaitCheck(
  alert: Alert,
  heldBy: 'silence' | 'parent',
  checkedMs: number | null,
  nowMs: number,
): Step | null {
  const askedMs = alert.heldBy === heldBy ? alert.recheckedMs : null;
  const waiting: Alert = { ...alert, state: 'held', heldBy, recheckedMs: askedMs ?? nowMs };
  if (askedMs === null)
    return { ...step(waiting, nowMs + RECHECK_LOOK_MS), checks: [heldBy === 'parent' ? 'parent' : 'target'] };
  if ((checkedMs ?? 0) >= askedMs || nowMs >= askedMs + RECHECK_MS_MAX) return null;
  return step(waiting, Math.min(nowMs + RECHECK_LOOK_MS, askedMs + RECHECK_MS_MAX));
}
