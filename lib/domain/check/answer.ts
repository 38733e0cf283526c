import type { Cause } from './cause.ts';
import type { Certificate } from './certificate.ts';

/**
 * How long each phase of a hop or of a whole fetch took, in whole microseconds of a monotonic clock.
 *
 * A phase that did not happen (no TLS, an IP address instead of a name, an earlier failure) is null. A phase
 * that was cut short has the time until the cut. For a fetch with redirects, each phase is the sum over its
 * hops; `totalUs` runs from the start of the first hop to the last byte of the last one.
 */
export interface Phases {
  readonly dnsUs: number | null;
  readonly connectUs: number | null;
  readonly tlsUs: number | null;
  /** From the sent request to the first byte of the status line */
  readonly ttfbUs: number | null;
  readonly transferUs: number | null;
  readonly totalUs: number;
}

/** The phases of a fetch that failed before any began. */
export const NO_PHASES: Omit<Phases, 'totalUs'> = {
  dnsUs: null,
  connectUs: null,
  tlsUs: null,
  ttfbUs: null,
  transferUs: null,
};

/** The phases in order, with the names that metrics, log and reports show. */
export const PHASES = [
  ['dns', 'dnsUs'],
  ['connect', 'connectUs'],
  ['tls', 'tlsUs'],
  ['ttfb', 'ttfbUs'],
  ['transfer', 'transferUs'],
] as const satisfies readonly (readonly [string, keyof Phases])[];

/** One request of a fetch: to the target's own URL, or to where a redirect led. */
export interface Hop {
  readonly url: string;
  /** The IP address connected to; null if no connection came about */
  readonly address: string | null;
  /** Null if no status line arrived */
  readonly httpStatus: number | null;
  readonly phases: Phases;
}

interface Seen {
  readonly phases: Phases;
  /** In order; empty if nothing was sent */
  readonly hops: readonly Hop[];
  /** The one that expires first among the hops; null if none presented a certificate */
  readonly certificate: Certificate | null;
}

/** The result of one fetch. */
export type Answer =
  | (Seen & {
      readonly kind: 'answered';
      /** Of the last hop */
      readonly httpStatus: number;
      /** Decompressed and decoded by its declared charset */
      readonly body: string;
      /** True if `body` is only the beginning: the rest exceeded the size limit or the deadline */
      readonly bodyCut: boolean;
      /** How long this process was too busy to read the answer, in milliseconds; included in the phases */
      readonly heldUpMs: number;
    })
  | (Seen & {
      readonly kind: 'failed';
      readonly cause: Cause;
      /** An explanation for people: clean text without secrets, at most 500 characters */
      readonly detail: string;
      /** Of the last hop that had one; null if none had */
      readonly httpStatus: number | null;
    })
  /** We aborted the fetch to shut down; the slot is still to be run, here or by another worker. */
  | { readonly kind: 'aborted' };
