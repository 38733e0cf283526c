/**
 * Replaces the fetcher with Node's `fetch`. It measures no phases and does not guard private addresses;
 * judging, scheduling and recording stay the same.
 *
 *   node own-fetcher.ts postgres://localhost/postgres https://example.org
 */
import { catchError, defer, mergeMap, of, timeout } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { answered, type Cause, createMonitor, failed, NO_PHASES, type Ports } from 'website-monitor';

const [dsn = 'postgres://localhost/postgres', url = 'https://example.org'] = process.argv.slice(2);

/** Any failure not known to be the website's fault counts as ours, and makes the check unknown. */
const CAUSES: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: 'connect_refused',
  ECONNRESET: 'connection_reset',
  ENOTFOUND: 'dns_not_found',
};

/** Emits once and never errors. Unsubscribing, at the deadline or on shutdown, makes `fromFetch` abort. */
const fetch: Ports['fetch'] = (target, deadlineMonotonicMs) =>
  defer(() => {
    const startedMs = performance.now();
    return fromFetch(target.url, {
      method: target.method,
      headers: { ...target.headers },
      body: target.requestBody,
      selector: async response => {
        const body = await response.text();
        const totalUs = Math.round((performance.now() - startedMs) * 1_000);
        return answered({ httpStatus: response.status, body, phases: { ...NO_PHASES, totalUs } });
      },
    }).pipe(
      timeout({
        first: deadlineMonotonicMs - startedMs,
        with: () => of(failed('response_timeout', 'no answer by the deadline')),
      }),
      catchError(error => of(failed(CAUSES[error.cause?.code] ?? 'internal_error', error.message))),
    );
  });

const running = createMonitor({ dsn, websites: [url], fetch })
  .pipe(mergeMap(({ recorded }) => recorded))
  .subscribe(({ lease, httpStatus, verdict }) =>
    console.log(`${lease.target.url} is ${verdict.outcome}, status ${httpStatus}`),
  );

process.once('SIGINT', () => running.unsubscribe());
