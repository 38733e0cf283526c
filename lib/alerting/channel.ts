/**
 * The kinds of channels, in the order in which the documents name them. People read what is grouped, at most one message
 * an interval; programs get one event per alert. Some of these understand that somebody acknowledged an alert.
 */
export const CHANNEL_KINDS = {
  webhook: { isGrouped: false, tellsAcknowledged: true },
  email: { isGrouped: true, tellsAcknowledged: false },
  slack: { isGrouped: true, tellsAcknowledged: false },
  discord: { isGrouped: true, tellsAcknowledged: false },
  telegram: { isGrouped: true, tellsAcknowledged: false },
  teams: { isGrouped: true, tellsAcknowledged: false },
  ntfy: { isGrouped: true, tellsAcknowledged: false },
  pagerduty: { isGrouped: false, tellsAcknowledged: true },
  alertmanager: { isGrouped: false, tellsAcknowledged: false },
  apprise: { isGrouped: true, tellsAcknowledged: false },
} as const satisfies Readonly<
  Record<string, { readonly isGrouped: boolean; readonly tellsAcknowledged: boolean }>
>;

/** One of `CHANNEL_KINDS`. */
export type ChannelKind = keyof typeof CHANNEL_KINDS;

export const GROUPED_KINDS = (Object.keys(CHANNEL_KINDS) as ChannelKind[]).filter(
  kind => CHANNEL_KINDS[kind].isGrouped,
);

/** Where alerts go: a row of `channels`. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  /** As it was given, with its scheme; may be or contain a reference to a secret */
  readonly url: string;
  /**
   * Credentials for the receiver: for a webhook its signing keys, the newest first; otherwise a token or a password.
   * Each may be a reference to a secret. Empty if the receiver needs none
   */
  readonly secrets: readonly string[];
}

/** What came of one attempt to send a message. `problem` is clean text without secrets. */
export type Sent =
  | { readonly kind: 'accepted' }
  /** For good: trying again would not help */
  | { readonly kind: 'refused'; readonly problem: string; readonly isGone: boolean }
  /** Worth another try */
  | {
      readonly kind: 'failed';
      readonly problem: string;
      /** The receiver may have taken the message, so the retry has the same id; false if it surely did not */
      readonly mayHaveArrived: boolean;
      /** How long the receiver asks us to wait; null if it does not say */
      readonly retryAfterMs: number | null;
    };
