import type { Alert, AlertFacts, Step } from './alert.ts';
import { step } from './step.ts';

/** When to look for the check that was asked for; after the last, an alert opens without it. */
const RECHECK_LOOKS_MS = [2_000, 10_000, 30_000] as const;
/** How long trouble of a worker's own network may hold an alert back */
const NETWORK_HOLD_MS = 120_000;
/** A look at what is held, in case the event that ends it was missed */
export const HELD_LOOK_MS = 60_000;

/** The first of the holds that applies to the alert; null if it may open now. */
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

/**
 * For two minutes, a worker that lost most of its targets at once is not believed. What recovers meanwhile, as an event
 * tells, is never told; the rest is, with a note.
 */
function holdForNetwork(alert: Alert, { isWorkerLost }: AlertFacts, nowMs: number): Step | null {
  const endsMs = alert.noticedMs + NETWORK_HOLD_MS;
  if (!isWorkerLost || nowMs >= endsMs) return null;
  return step({ ...alert, state: 'held', heldBy: 'network', mayBeOurNetwork: true }, endsMs);
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
  const lookMs = RECHECK_LOOKS_MS.map(ms => (askedMs ?? nowMs) + ms).find(ms => ms > nowMs);
  if (askedMs === null)
    return { ...step(waiting, lookMs ?? null), checks: [heldBy === 'parent' ? 'parent' : 'target'] };
  return (checkedMs ?? 0) >= askedMs || lookMs === undefined ? null : step(waiting, lookMs);
}
