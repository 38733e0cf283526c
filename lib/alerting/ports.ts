import type { Observable } from 'rxjs';
import type { Channel, Sent } from './channel.ts';
import type { Message, News } from './message.ts';

/** Makes one attempt. Emits once and never errors. Aborts when unsubscribed. */
export type Send = (channel: Channel, message: Message) => Observable<Sent>;

/** The result of one look at events and due alerts. */
export interface AlertPass {
  /** Alerts that were told for the first time */
  readonly opened: number;
  /** Alerts that are over */
  readonly closed: number;
  /** Milliseconds until an alert is due, by the database's clock; 0 = more is due now */
  readonly nextDueInMs: number;
}

/** What one worker may send to one channel, until its lease ends. */
export interface DeliveryBatch {
  readonly channel: Channel;
  /** How often the channel was leased: the lease of a lower one is lost */
  readonly epoch: number;
  /** Attempts to send to the channel that failed in a row before */
  readonly failures: number;
  /** No message is begun after this, on the clock of `monotonicMs` */
  readonly endsAtMonotonicMs: number;
  readonly messages: readonly Message[];
}

/** The result of one look for something to send. */
export interface DeliveryPass {
  readonly batches: readonly DeliveryBatch[];
  /** Milliseconds until there may be more, by the database's clock */
  readonly nextDueInMs: number;
}

/** One message that was sent, or tried. */
export interface Attempt {
  readonly message: Message;
  readonly sent: Sent;
}

/** How a lease of a channel ends. Messages without an attempt were not begun. */
export interface Delivered {
  readonly batch: DeliveryBatch;
  readonly attempts: readonly Attempt[];
}

/** What was recorded of a lease. */
export interface DeliveryReport {
  readonly delivered: Delivered;
  readonly counts: readonly {
    readonly news: News;
    /** `waiting` is tried again */
    readonly outcome: 'sent' | 'dead' | 'waiting';
    readonly count: number;
    /** Sum, over the openings that were sent, of the time since their incident was recorded */
    readonly seconds: number;
  }[];
}

/** The effects that alerting needs. `lib/app` passes the real ones, specs pass their own. */
export interface AlertingPorts {
  /** Emits when incidents, conditions, channels or silences have changed, or polling says so. */
  readonly wakeUps: Observable<unknown>;

  /** Turns events into alerts and due alerts into deliveries. Emits once, retries, never errors. */
  readonly advance: () => Observable<AlertPass>;

  /** Leases at most `channelsMax` channels that have something to send. Emits once, retries, never errors. */
  readonly lease: (channelsMax: number) => Observable<DeliveryPass>;

  readonly send: Send;

  /** Records attempts and gives the channel back. Emits once, retries until it succeeds, never errors. */
  readonly record: (delivered: Delivered) => Observable<DeliveryReport>;

  readonly hooks: AlertingHooks;

  /** Leases nothing more; messages under way are finished and recorded. Replays to late subscribers. */
  readonly stopping: Observable<unknown>;

  /** Ends messages under way, whose outcome is then unknown. Replays to late subscribers. */
  readonly aborting: Observable<unknown>;

  /** `performance.now()` */
  readonly monotonicMs: () => number;
}

/** Called synchronously as things happen. A hook must not block or throw. */
export interface AlertingHooks {
  readonly advanced: (pass: AlertPass) => void;
  readonly delivered: (report: DeliveryReport) => void;
}
