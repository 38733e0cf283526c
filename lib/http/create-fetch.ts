import { Observable } from 'rxjs';
import type { Answer } from '../domain/answer.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import type { Ports } from '../ports.ts';
import { abortAt } from './deadline.ts';
import { fetchHops } from './fetch-hops.ts';
import { createHttpClient } from './http-client.ts';
import type { Resolve } from './resolution.ts';

export interface FetchSettings {
  readonly resolve: Resolve;
  /** Most bytes read of a body, after decompression; default 1 MiB */
  readonly bodyBytesMax?: number;
  /** Most redirects followed; default 10 */
  readonly redirectsMax?: number;
  /** Default `website-monitor`; a target's own header goes before it */
  readonly userAgent?: string;
  /** Certificate authorities in PEM to trust instead of Node's own */
  readonly ca?: string;
}

/**
 * The fetch of websites: each subscription makes one check's requests over new connections.
 *
 * A body that is still coming at the deadline is an answer with `bodyCut`, judged on what came; one
 * of which nothing has come by then is a `transfer_timeout`.
 */
export function createFetch(settings: FetchSettings): Ports['fetch'] {
  const { resolve, bodyBytesMax = 2 ** 20, redirectsMax = 10, userAgent = 'website-monitor', ca } = settings;
  const client = createHttpClient({ userAgent, ca });
  const tools = { client, resolve, bodyBytesMax, redirectsMax };

  return (target, deadlineMonotonicMs) =>
    new Observable<Answer>(subscriber => {
      const stop = new AbortController();
      const cancelDeadline = abortAt(deadlineMonotonicMs, stop);
      const answer = fetchHops(target, deadlineMonotonicMs, tools, stop.signal).catch(asInternalError);
      void answer.then(value => {
        subscriber.next(value);
        subscriber.complete();
      });
      return () => {
        cancelDeadline();
        stop.abort('unsubscribed');
      };
    });
}

/** A bug of ours; it must stop neither the stream of checks nor count against the website. */
const asInternalError = (error: unknown): Answer => ({
  kind: 'failed',
  cause: 'internal_error',
  detail: cleanDetail(error instanceof Error ? error.message : String(error)),
  httpStatus: null,
  phases: { dnsUs: null, connectUs: null, tlsUs: null, ttfbUs: null, transferUs: null, totalUs: 0 },
});
