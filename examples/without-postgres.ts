/**
 * Runs without PostgreSQL: an array of targets, a timer and the operators. Records nothing, and does not
 * guarantee that a slot runs only once.
 *
 *   node without-postgres.ts https://example.org https://example.com
 */
import { from, mergeMap, timer } from 'rxjs';
import { type Check, checkTarget, createFetch, createMatcher, targetOf } from 'website-monitor';
import { coalesceMap, gatherMap } from 'website-monitor/operators';

const urls = process.argv.slice(2);
const targets = urls.map((url, index) => ({ ...targetOf(url, { timeoutMs: 3_000 }), id: String(index) }));

const fetch = createFetch({ privateTargets: { all: false, ranges: ['127.0.0.1'] } });
const check = checkTarget({ fetch, match: createMatcher().match });

const running = timer(0, 5_000)
  .pipe(
    coalesceMap(() => from(targets).pipe(mergeMap(check, 10))), // the next round waits for a slow one
    gatherMap(report, { countMax: 100, lingerMs: 200 }), // one INSERT, or one message, for many checks
  )
  .subscribe();

async function report(checks: readonly Check[]): Promise<void> {
  const lines = checks.map(({ lease, verdict }) => `${lease.target.url} is ${verdict.outcome}`);
  console.log(lines.join('\n'));
}

process.once('SIGINT', () => running.unsubscribe());
