import type { AlertState } from '../alerting/alert.ts';
import type { AlertingHooks, DeliveryReport } from '../alerting/ports.ts';
import { OPEN_STATES } from './alerting-catalogue.ts';
import type { Instruments } from './instruments.ts';

/** Updates the metrics of alerting: the hooks of its pipeline, and what the heartbeat finds in the database. */
export interface AlertingRecording extends Pick<AlertingHooks, 'delivered'> {
  readonly now: (alerting: {
    readonly alerts: Readonly<Partial<Record<AlertState, number>>>;
    readonly waitingSinceS: number | null;
    readonly dead: number;
    readonly failing: number;
    readonly slow: number;
  }) => void;
}

export function createAlertingRecording(instruments: Instruments): AlertingRecording {
  const delivered = ({ delivered, counts }: DeliveryReport): void => {
    const { kind } = delivered.batch.channel;
    for (const { news, outcome, count, seconds } of counts) {
      instruments.deliveries.inc({ channel_kind: kind, outcome }, count);
      if (news !== 'opened' || outcome !== 'sent') continue;
      for (let one = 0; one < count; one += 1)
        instruments.deliveryDelay.observe(Math.max(0, seconds / count));
    }
  };
  return {
    delivered,
    now: ({ alerts, waitingSinceS, dead, failing, slow }) => {
      for (const state of OPEN_STATES) instruments.alertsOpen.set({ state }, alerts[state] ?? 0);
      instruments.deliveryOldest.set(waitingSinceS ?? 0);
      instruments.deadLetters.set(dead);
      instruments.channelsFailing.set(failing);
      instruments.targetsSlow.set(slow);
    },
  };
}
