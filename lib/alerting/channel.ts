/**
 * The kinds of channels, in the order in which the documents name them. `grouped` channels are read by people
 * and get at most one message an interval; the others are read by programs and get one event per alert.
 */
export const CHANNEL_KINDS = {
  webhook: { isGrouped: false },
  email: { isGrouped: true },
  slack: { isGrouped: true },
  discord: { isGrouped: true },
  telegram: { isGrouped: true },
  teams: { isGrouped: true },
  ntfy: { isGrouped: true },
  pagerduty: { isGrouped: false },
  alertmanager: { isGrouped: false },
  apprise: { isGrouped: true },
} as const satisfies Readonly<Record<string, { readonly isGrouped: boolean }>>;

export type ChannelKind = keyof typeof CHANNEL_KINDS;

/** Where alerts go: a row of `channels`. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  /** As it was given, with its scheme; may be or contain a reference to a secret */
  readonly url: string;
  /**
   * What authenticates us to the receiver: for a webhook its signing keys, the newest first, else a token or
   * password. May be references to secrets; empty if there is none
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
      /** True unless the receiver surely did not take the message: it then goes out again under the same id */
      readonly mayHaveArrived: boolean;
      /** How long the receiver asks us to wait; null if it does not say */
      readonly retryAfterMs: number | null;
    };
