import type { Cause } from './cause.ts';
import type { Certificate } from './certificate.ts';

/**
 * How long each phase of a hop or of a whole fetch took, in whole microseconds of a monotonic clock.
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

export const NO_PHASES: Omit<Phases, 'totalUs'> = {
  dnsUs: null,
  connectUs: null,
  tlsUs: null,
  ttfbUs: null,
  transferUs: null,
};

/** As people are told of them, in their order. */
export const PHASES = [
  ['dns', 'dnsUs'],
  ['connect', 'connectUs'],
  ['tls', 'tlsUs'],
  ['ttfb', 'ttfbUs'],
  ['transfer', 'transferUs'],
] as const satisfies readonly (readonly [string, keyof Phases])[];

/** One request of a fetch: the target's own, or one that a redirect asked for. */
export interface Hop {
  readonly url: string;
  /** The address that answered; null where none did */
  readonly address: string | null;
  /** Null where no status line came */
  readonly httpStatus: number | null;
  readonly phases: Phases;
}

interface Seen {
  readonly phases: Phases;
  /** In their order; none where nothing could be sent */
  readonly hops: readonly Hop[];
  /** Of the hops over TLS, the one that expires first; null where none got as far as presenting one */
  readonly certificate: Certificate | null;
}

/** What came back for one fetch. */
export type Answer =
  | (Seen & {
      readonly kind: 'answered';
      /** Of the last hop */
      readonly httpStatus: number;
      /** Decompressed and decoded by its declared charset */
      readonly body: string;
      /** The body went on past the cap or past the deadline, and `body` is its beginning */
      readonly bodyCut: boolean;
      /** For how long this process was too busy to look, in milliseconds: the phases hold that, too */
      readonly heldUpMs: number;
    })
  | (Seen & {
      readonly kind: 'failed';
      readonly cause: Cause;
      /** For a person: clean text of at most 500 characters without secrets */
      readonly detail: string;
      /** Of the last hop that had one */
      readonly httpStatus: number | null;
    })
  /** We stopped the fetch ourselves (shutdown): the slot is still to be run, here or elsewhere. */
  | { readonly kind: 'aborted' };
