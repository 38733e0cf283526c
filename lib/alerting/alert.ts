import type { AlertKind, Ending, News } from './message.ts';

/** Why an alert that is long enough is not sent yet. */
export type Hold = 'silence' | 'parent' | 'network';

/**
 * `pending`: its cause may not have lasted long enough. `held`: it has, but something speaks against sending it.
 * `open`: it was sent. `recovering`: its cause is over, but perhaps not for good. `closed`: all is said.
 */
export type AlertState = 'pending' | 'held' | 'open' | 'recovering' | 'closed';

/** A channel as an alert chose it when it opened; later edits of the channel do not change it. */
export interface ChosenChannel {
  readonly id: string;
  /** From one reminder to the next; null: none */
  readonly reminderMs: number | null;
  readonly sendsResolved: boolean;
  /** Its receiver understands that somebody acknowledged an alert, and has not been told */
  readonly tellsAcknowledged: boolean;
  /** False until something was sent there: until then it is to escalate to */
  readonly isTold: boolean;
  /** When the opening or the next reminder goes there; null: never */
  readonly nextMs: number | null;
}

/** The conversation about one target or condition. Times are in milliseconds since 1970, by the database's clock. */
export interface Alert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly state: AlertState;
  /** Start of its first incident, or of its condition */
  readonly startedMs: number;
  /** When that was recorded, which is a little later than its start */
  readonly noticedMs: number;
  /** Of its condition, as it was last told: a higher one is told again */
  readonly level: number;
  readonly heldBy: Hold | null;
  /** When it asked for a check of its own before it opens; null: it has not */
  readonly recheckedMs: number | null;
  readonly openedMs: number | null;
  readonly acknowledgedMs: number | null;
  /** It was held because its worker lost most of its targets at once */
  readonly mayBeOurNetwork: boolean;
  readonly channels: readonly ChosenChannel[];
}

/** What is so now. */
export interface AlertFacts {
  /** End of its newest incident or of its condition; null while it lasts */
  readonly endedMs: number | null;
  /** Of the condition, now */
  readonly level: number;
  readonly target: {
    readonly isEnabled: boolean;
    /** Null: the service's default */
    readonly alertAfterMs: number | null;
    readonly recoveryPeriodMs: number | null;
    readonly checkIntervalMs: number;
    /** The newest slot that has been recorded is up, and none is missing since */
    readonly isUpNow: boolean;
    /** Start of the newest check; null if it has none */
    readonly checkedMs: number | null;
  } | null;
  /** The target that its target depends on */
  readonly parent: { readonly isDown: boolean; readonly checkedMs: number | null } | null;
  /** The channel that it is about; null if it is about none, or was removed */
  readonly channel: { readonly isEnabled: boolean } | null;
  /** Null: no silence holds it back */
  readonly silencedUntilMs: number | null;
  /** The worker that found it has just lost at least twenty targets, and half of those it knows */
  readonly isWorkerLost: boolean;
  /** Those that get it if it opens now */
  readonly channels: readonly ChannelChoice[];
}

/** A channel whose labels match. */
export interface ChannelChoice
  extends Pick<ChosenChannel, 'id' | 'reminderMs' | 'sendsResolved' | 'tellsAcknowledged'> {
  readonly delayMs: number;
}

export interface AlertSettings {
  readonly alertAfterMs: number;
  readonly recoveryPeriodMs: number;
}

/** Something to send to one channel. */
export interface Delivery {
  readonly channelId: string;
  readonly news: News;
}

/** What becomes of an alert after a look at it. */
export interface Step {
  readonly alert: Alert;
  /** When to look again; null: when an event says so */
  readonly dueMs: number | null;
  /** Null unless this closes it */
  readonly ending: Ending | null;
  readonly deliveries: readonly Delivery[];
  /** Whose check is asked for at once */
  readonly checks: readonly ('target' | 'parent')[];
}
