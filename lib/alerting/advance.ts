import type { Alert, AlertFacts, AlertSettings, ChosenChannel, Delivery, Step } from './alert.ts';
import { HELD_LOOK_MS, hold } from './hold.ts';
import type { Ending } from './message.ts';
import { step } from './step.ts';

/**
 * Takes an alert one step further: pure, so that every order of events can be tried.
 *
 * An alert opens when its incident has lasted `alert_after`, unless a silence, its parent or our own network holds it
 * back. It closes when the target has been up for `recovery_period`; until then further incidents belong to it. One
 * that was never told closes without a word.
 */
export function advance(alert: Alert, facts: AlertFacts, settings: AlertSettings, nowMs: number): Step {
  switch (alert.state) {
    case 'pending':
    case 'held':
      return beforeOpening(alert, facts, settings, nowMs);
    case 'open':
    case 'recovering':
      return facts.endedMs === null
        ? whileOpen({ ...alert, state: 'open' }, facts, nowMs)
        : whileRecovering({ ...alert, state: 'recovering' }, facts, settings, nowMs);
    case 'closed':
      return step(alert, null);
  }
}

function beforeOpening(alert: Alert, facts: AlertFacts, settings: AlertSettings, nowMs: number): Step {
  const { endedMs, target } = facts;
  const longEnoughMs =
    alert.startedMs + (target?.alertAfterMs ?? settings.alertAfterMs) * Number(alert.kind === 'down');
  const isOver = endedMs !== null;
  // What was over before it was long enough, or while it was held, is nothing to tell.
  if (isOver && (alert.state === 'held' || endedMs < longEnoughMs))
    return closed(alert, endingOf(alert, facts));
  if (nowMs < longEnoughMs) return step({ ...alert, state: 'pending' }, longEnoughMs);
  const held = hold(alert, facts, nowMs);
  if (held === null) return open(alert, facts, settings, nowMs);
  return isOver ? closed(alert, endingOf(alert, facts)) : held;
}

function open(alert: Alert, facts: AlertFacts, settings: AlertSettings, nowMs: number): Step {
  const channels = facts.channels.map(
    ({ delayMs, ...chosen }): ChosenChannel => ({ ...chosen, isTold: false, nextMs: nowMs + delayMs }),
  );
  const opened: Alert = {
    ...alert,
    state: 'open',
    heldBy: null,
    openedMs: nowMs,
    level: facts.level,
    channels,
  };
  const told = whileOpen(opened, facts, nowMs);
  if (facts.endedMs === null) return told;
  const ended = whileRecovering({ ...told.alert, state: 'recovering' }, facts, settings, nowMs);
  return { ...ended, deliveries: [...told.deliveries, ...ended.deliveries] };
}

function whileOpen(alert: Alert, facts: AlertFacts, nowMs: number): Step {
  const isWorse = facts.level > alert.level;
  const isAcknowledged = alert.acknowledgedMs !== null && !isWorse;
  const isSilenced = facts.silencedUntilMs !== null;
  const deliveries: Delivery[] = [];
  const channels = alert.channels.map((channel): ChosenChannel => {
    if (isAcknowledged) {
      if (channel.isTold && channel.tellsAcknowledged)
        deliveries.push({ channelId: channel.id, news: 'acknowledged' });
      return { ...channel, nextMs: null, tellsAcknowledged: false };
    }
    const isDue = (channel.nextMs !== null && channel.nextMs <= nowMs) || (isWorse && channel.isTold);
    if (!isDue || isSilenced) return channel;
    deliveries.push({ channelId: channel.id, news: channel.isTold ? 'reminder' : 'opened' });
    return {
      ...channel,
      isTold: true,
      nextMs: channel.reminderMs === null ? null : nowMs + channel.reminderMs,
    };
  });
  const level = isSilenced ? alert.level : facts.level;
  const nextMs = Math.min(...channels.map(channel => channel.nextMs ?? Infinity));
  const isWaiting = isSilenced && (nextMs <= nowMs || facts.level > level);
  const dueMs = isWaiting ? Math.min(facts.silencedUntilMs ?? Infinity, nowMs + HELD_LOOK_MS) : nextMs;
  return { ...step({ ...alert, level, channels }, dueMs === Infinity ? null : dueMs), deliveries };
}

function whileRecovering(alert: Alert, facts: AlertFacts, settings: AlertSettings, nowMs: number): Step {
  const ending = endingOf(alert, facts);
  if (ending !== 'recovered' || alert.kind !== 'down') return closed(alert, ending);
  const { target } = facts;
  const closesMs = (facts.endedMs ?? nowMs) + (target?.recoveryPeriodMs ?? settings.recoveryPeriodMs);
  if (nowMs < closesMs) return step(alert, closesMs);
  if (target?.isUpNow) return closed(alert, ending);
  // The newest checks are unknown or missing: wait for one that is up or down.
  return step(alert, nowMs + Math.min(target?.checkIntervalMs ?? HELD_LOOK_MS, HELD_LOOK_MS));
}

/** "Over" goes to those who were told that it began, and to nobody else. */
const closed = (alert: Alert, ending: Ending): Step => ({
  ...step({ ...alert, state: 'closed', heldBy: null }, null),
  ending,
  deliveries: alert.channels
    .filter(({ isTold, sendsResolved }) => isTold && sendsResolved)
    .map(({ id }) => ({ channelId: id, news: 'resolved' })),
});

const endingOf = ({ kind }: Alert, { target, channel }: AlertFacts): Ending => {
  if (kind === 'unknown') return 'recovered';
  const watched = kind === 'channel' ? channel : target;
  if (watched === null) return 'deleted';
  return watched.isEnabled ? 'recovered' : 'paused';
};
