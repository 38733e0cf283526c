import type { Phases } from '../domain/check/answer.ts';
import type { Cause } from '../domain/check/cause.ts';

/** What an alert is about: a target that is down, another condition worth one, or nothing, for a test of a channel. */
export type AlertKind = 'down' | 'slow' | 'certificate' | 'pattern' | 'unknown' | 'channel' | 'test';

/** What a message says of an alert. */
export type News = 'opened' | 'reminder' | 'acknowledged' | 'resolved';

/** How an alert ended: the website recovered, or somebody stopped watching it. */
export type Ending = 'recovered' | 'paused' | 'deleted';

/** One alert, as a message tells it. Texts may be hostile: each kind of channel escapes them. */
export interface Told {
  readonly news: News;
  /**
   * True if the receiver was never sent the opening, which it gets together with the end: "was down for
   * 12 min". Only of `resolved`
   */
  readonly isWhole: boolean;
  readonly alertId: string;
  readonly kind: AlertKind;
  /** Null for troubles of our own, which belong to no target */
  readonly target: {
    readonly id: string;
    readonly key: string | null;
    /** Without query and fragment */
    readonly url: string;
    readonly labels: Readonly<Record<string, string>>;
  } | null;
  /** What people call it: the target's name or URL, or what a condition is about; one line, at most 2,048 characters */
  readonly title: string;
  /** Of a down alert a `DownCause`; of others see `docs/ALERTS.md` */
  readonly cause: Cause | string;
  /** Clean text without secrets, at most 500 characters; null if there is nothing to add */
  readonly detail: string | null;
  /** Milliseconds since 1970, by the database's clock, as all times here */
  readonly sinceMs: number;
  /** Null while it lasts */
  readonly untilMs: number | null;
  /** Null while it lasts */
  readonly ending: Ending | null;
  /** Incidents in a row that the alert spans: more than 1 if the website went down again soon */
  readonly incidents: number;
  /** Start of the last check that was up before; null if none is kept */
  readonly lastGoodAtMs: number | null;
  /** The check that opened it; null if it is not kept, or if the alert has none */
  readonly check: { readonly httpStatus: number | null; readonly phases: Phases } | null;
  /** It was held back because this worker lost most of its targets at once: its own network may be at fault */
  readonly mayBeOurNetwork: boolean;
  /** Who acknowledged it; null if nobody did */
  readonly acknowledgedBy: string | null;
}

/** A number of alerts of one message that have news, kind, cause and ending in common. */
export interface Count {
  readonly news: News;
  readonly kind: AlertKind;
  readonly cause: string;
  /** As in `Told`: a pause or a deletion must not be counted as "up again" */
  readonly ending: Ending | null;
  readonly count: number;
}

/** One message to one channel. A retry has the same id, by which receivers deduplicate. */
export interface Message {
  /** A random UUID */
  readonly id: string;
  /** When the news was made: not when it is sent, so that a retry says the same */
  readonly atMs: number;
  /** The channel's name */
  readonly channel: string;
  /** An IANA time zone, in which times are shown */
  readonly timeZone: string;
  /** Where our pages are, without a slash at the end; null: no links */
  readonly publicUrl: string | null;
  /** The first alerts of the message, at most 20; of a channel that gets one event per alert, exactly 1 */
  readonly told: readonly [Told, ...Told[]];
  /** All alerts of the message, those in `told` included */
  readonly counts: readonly Count[];
}
