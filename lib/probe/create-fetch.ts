import { Observable } from 'rxjs';
import type { Ports, Secrets } from '../checking/ports.ts';
import type { Answer } from '../domain/check/answer.ts';
import { failed } from '../domain/check/make-answer.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import { requireNode } from '../domain/node-problem.ts';
import { NO_PRIVATE_TARGETS, type PrivateTargets } from '../domain/target/private-targets.ts';
import { createReadingBudget, type ReadingBudget } from '../net/connection/reading-budget.ts';
import { createTrust } from '../net/connection/trust.ts';
import { createAddressGuard } from '../net/guard/address-guard.ts';
import type { Resolve } from '../net/names/resolution.ts';
import { createNameResolver } from '../net/names/resolve-name.ts';
import { watchDeadline } from '../net/timing/deadline.ts';
import { createHeldBodies } from './body/held-bodies.ts';
import { fetchHops } from './fetch-hops.ts';
import { createKeptConnections } from './kept-connections.ts';

/** How websites are fetched. All are optional. */
export interface FetchSettings {
  /** Default: the system's name servers; see `createNameResolver` */
  readonly resolve?: Resolve | undefined;
  /** Non-public addresses that may be connected to; default none */
  readonly privateTargets?: PrivateTargets | undefined;
  /** Resolves references in headers and credentials; default: text is taken as it is */
  readonly secrets?: Secrets | undefined;
  /** Most bytes read of a body, after decompression; default 1 MiB */
  readonly bodyBytesMax?: number | undefined;
  /** Most bytes of bodies that all fetches may hold at a time; default 256 MiB, or `bodyBytesMax` if that is more */
  readonly bodiesBytesMax?: number | undefined;
  /** Called when a fetch ends because `bodiesBytesMax` is reached and its body has been read longest. Must not throw */
  readonly onBodyGivenUp?: (() => void) | undefined;
  /** Reuse connections between checks. Default false: each check connects as a new visitor would */
  readonly keepAlive?: boolean | undefined;
  /** Default `website-monitor`; a target's own header replaces it */
  readonly userAgent?: string | undefined;
  /** Certificate authorities in PEM to trust instead of Node's own */
  readonly ca?: string | undefined;
}

/** The pipeline's port, plus clean-up. */
export type Fetch = Ports['fetch'] & {
  /** Closes all kept connections. Later fetches keep none */
  readonly close: () => void;
};

const PLAIN_TEXT: Secrets = text => ({ kind: 'known', text });

/**
 * Creates the function that fetches websites. Each subscription makes one attempt.
 *
 * A body that is incomplete at the deadline is an answer with `bodyCut`, judged on what arrived; if nothing of it has
 * arrived, the cause is `transfer_timeout`.
 */
export function createFetch(settings: FetchSettings = {}): Fetch {
  requireNode(process.versions.node);
  const {
    resolve = createNameResolver().resolve,
    secrets = PLAIN_TEXT,
    bodyBytesMax = 2 ** 20,
    bodiesBytesMax = Math.max(2 ** 28, bodyBytesMax),
    userAgent = 'website-monitor',
    onBodyGivenUp = () => {},
    keepAlive = false,
    ca,
  } = settings;
  const tools = {
    userAgent,
    resolve,
    guard: createAddressGuard(settings.privateTargets ?? NO_PRIVATE_TARGETS),
    secrets,
    trust: createTrust(ca),
    bodyBytesMax,
    kept: keepAlive ? createKeptConnections() : null,
  };

  const heldBodies = createHeldBodies(bodiesBytesMax);
  const budgets = new WeakMap<object, ReadingBudget>();
  const budgetOf = (check: object): ReadingBudget => {
    const budget = budgets.get(check) ?? createReadingBudget();
    budgets.set(check, budget);
    return budget;
  };

  const fetch: Ports['fetch'] = (
    target,
    deadlineMonotonicMs,
    onNewConnection = false,
    slackMs = 0,
    check = {},
  ) =>
    new Observable<Answer>(subscriber => {
      const stop = new AbortController();
      const watch = watchDeadline(deadlineMonotonicMs, slackMs, stop);
      const { heldUpMs } = watch;
      const budget = budgetOf(check);
      const heldBody = heldBodies.hold(() => {
        stop.abort('bodies_full');
        onBodyGivenUp();
      });
      const trip = {
        target,
        deadlineMonotonicMs,
        onNewConnection,
        tools,
        budget,
        heldBody,
        stop: stop.signal,
        heldUpMs,
      };
      void fetchHops(trip)
        .catch(asInternalError)
        .then(value => {
          heldBody.free();
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

/** A bug of ours must not stop the stream of checks, nor count against the website. */
const asInternalError = (error: unknown): Answer =>
  failed('internal_error', cleanDetail(error instanceof Error ? error.message : String(error)));
