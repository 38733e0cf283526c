import type { Cause } from './cause.ts';

/**
 * How long each phase of a fetch took, in whole microseconds of a monotonic clock.
 *
 * A phase that did not happen (no TLS, an IP address for a host, a failure before it) is null, and
 * a phase that was cut short holds the time until the cut. Over redirects each phase is the sum of
 * its hops; `totalUs` runs from the start of the first hop to the end of the last byte.
 */
export interface Phases {
  readonly dnsUs: number | null;
  readonly connectUs: number | null;
  readonly tlsUs: number | null;
  /** From the request being sent to the first byte of the status line */
  readonly ttfbUs: number | null;
  readonly transferUs: number | null;
  readonly totalUs: number;
}

/** What came back for one fetch. */
export type Answer =
  | {
      readonly kind: 'answered';
      /** Of the last hop */
      readonly httpStatus: number;
      /** Decompressed and decoded by its declared charset */
      readonly body: string;
      /** The body went on past the cap or past the deadline, and `body` is its beginning */
      readonly bodyCut: boolean;
      readonly phases: Phases;
    }
  | {
      readonly kind: 'failed';
      readonly cause: Cause;
      /** For a person: clean text of at most 500 characters without secrets */
      readonly detail: string;
      /** Of the last hop that had one */
      readonly httpStatus: number | null;
      readonly phases: Phases;
    }
  /** We stopped the fetch ourselves (shutdown): the slot is still to be run, here or elsewhere. */
  | { readonly kind: 'aborted' };
