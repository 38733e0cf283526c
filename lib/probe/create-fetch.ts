import tls from 'node:tls';
import { Observable } from 'rxjs';
import type { Ports, Secrets } from '../checking/ports.ts';
import type { Answer } from '../domain/check/answer.ts';
import { failed } from '../domain/check/make-answer.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import { NO_PRIVATE_TARGETS, type PrivateTargets } from '../domain/target/private-targets.ts';
import { createAddressGuard } from '../net/guard/address-guard.ts';
import type { Resolve } from '../net/names/resolution.ts';
import { createNameResolver } from '../net/names/resolve-name.ts';
import { watchDeadline } from '../net/timing/deadline.ts';
import { fetchHops } from './fetch-hops.ts';
import { createKeptConnections } from './kept-connections.ts';
import { createSendRequest } from './request/send-request.ts';

export interface FetchSettings {
  /** Default: as the system does; see `createNameResolver` */
  readonly resolve?: Resolve;
  /** Addresses beyond public ones that may be connected to; default none */
  readonly privateTargets?: PrivateTargets;
  /** What references in headers and credentials stand for; default: nothing is known */
  readonly secrets?: Secrets;
  /** Most bytes read of a body, after decompression; default 1 MiB */
  readonly bodyBytesMax?: number;
  /** Connections are kept from check to check; default false: each check dials anew, so that it sees what a visitor would */
  readonly keepAlive?: boolean;
  /** Default `website-monitor`; a target's own header goes before it */
  readonly userAgent?: string;
  /** Certificate authorities in PEM to trust instead of Node's own */
  readonly ca?: string;
}

/** As the pipeline takes it. */
export type Fetch = Ports['fetch'] & {
  /** Closes the connections that are kept. What is fetched after it keeps none */
  readonly close: () => void;
};

const PLAIN_TEXT: Secrets = text => ({ kind: 'known', text });

/**
 * The fetch of websites: each subscription makes one attempt's requests, over new connections unless some are kept.
 *
 * A body that is still coming at the deadline is an answer with `bodyCut`, judged on what came; one
 * of which nothing has come by then is a `transfer_timeout`.
 */
export function createFetch(settings: FetchSettings = {}): Fetch {
  const {
    resolve = createNameResolver().resolve,
    secrets = PLAIN_TEXT,
    bodyBytesMax = 2 ** 20,
    userAgent = 'website-monitor',
    keepAlive = false,
    ca,
  } = settings;
  const tools = {
    send: createSendRequest(userAgent),
    resolve,
    guard: createAddressGuard(settings.privateTargets ?? NO_PRIVATE_TARGETS),
    secrets,
    secureContext: tls.createSecureContext(ca === undefined ? {} : { ca }), // else one would be made per connection
    bodyBytesMax,
    kept: keepAlive ? createKeptConnections() : null,
  };

  const fetch: Ports['fetch'] = (target, deadlineMonotonicMs, onNewConnection = false, slackMs = 0) =>
    new Observable<Answer>(subscriber => {
      const stop = new AbortController();
      const watch = watchDeadline(deadlineMonotonicMs, slackMs, stop);
      const { heldUpMs } = watch;
      const trip = { target, deadlineMonotonicMs, onNewConnection, tools, stop: stop.signal, heldUpMs };
      void fetchHops(trip)
        .catch(asInternalError)
        .then(value => {
          subscriber.next(value);
          subscriber.complete();
        });
      return () => {
        watch.end();
        stop.abort('unsubscribed');
      };
    });
  return Object.assign(fetch, { close: () => tools.kept?.close() });
}

/** A bug of ours; it must stop neither the stream of checks nor count against the website. */
const asInternalError = (error: unknown): Answer =>
  failed('internal_error', cleanDetail(error instanceof Error ? error.message : String(error)));
