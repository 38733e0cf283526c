import type { ChannelChoice } from './alert.ts';
import { CHANNEL_KINDS, type ChannelKind } from './channel.ts';

export type Labels = Readonly<Record<string, string>>;

/** A channel, as far as alerts choose it. */
export interface SelectableChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly labels: Labels;
  readonly delayMs: number;
  readonly reminderMs: number | null;
  readonly sendsResolved: boolean;
}

/** A silence that is on. */
export interface ActiveSilence {
  readonly labels: Labels;
  /** Keys of targets; empty: it goes by labels alone */
  readonly keys: readonly string[];
  readonly everything: boolean;
  readonly untilMs: number;
}

/** What an alert is about, as far as channels and silences select by it. */
export interface AlertSubject {
  readonly key: string | null;
  readonly labels: Labels;
  /** False for troubles of our own */
  readonly isOfTarget: boolean;
  /** The channel that it is about, which it is not sent to; null if it is about something else */
  readonly channelName: string | null;
}

const hasAll = (wanted: Labels, labels: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

const isEmpty = (labels: Labels): boolean => Object.keys(labels).length === 0;

/**
 * Chooses the channels of an alert: those all of whose labels its target has. Troubles of our own go to channels
 * without labels or, if there are none, to all.
 */
export function chooseChannels(
  channels: readonly SelectableChannel[],
  { labels, isOfTarget, channelName }: AlertSubject,
): ChannelChoice[] {
  const others = channels.filter(({ name }) => name !== channelName);
  const unlabelled = others.filter(channel => isEmpty(channel.labels));
  const chosen = isOfTarget
    ? others.filter(channel => hasAll(channel.labels, labels))
    : unlabelled.length > 0
      ? unlabelled
      : others;
  return chosen.map(({ id, kind, delayMs, reminderMs, sendsResolved }) => ({
    id,
    delayMs,
    reminderMs,
    sendsResolved,
    tellsAcknowledged: CHANNEL_KINDS[kind].tellsAcknowledged,
  }));
}

/** Until when silences hold an alert back; null if none does. */
export function silencedUntilMs(
  silences: readonly ActiveSilence[],
  { key, labels, isOfTarget }: AlertSubject,
): number | null {
  const matching = silences.filter(
    silence =>
      isOfTarget &&
      (silence.everything ||
        (key !== null && silence.keys.includes(key)) ||
        (!isEmpty(silence.labels) && hasAll(silence.labels, labels))),
  );
  return matching.length === 0 ? null : Math.max(...matching.map(({ untilMs }) => untilMs));
}
