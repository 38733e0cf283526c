/**
 * Targets of one's own and no PostgreSQL: an array, a timer and the operators. Nothing is recorded, and
 * nobody sees to it that a slot is run once.
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
    coalesceMap(() => from(targets).pipe(mergeMap(check, 10))), // a slow round is not overtaken by the next
    gatherMap(report, { countMax: 100, lingerMs: 200 }), // such as one INSERT, or one message, for many
  )
  .subscribe();

async function report(checks: readonly Check[]): Promise<void> {
  const lines = checks.map(({ lease, verdict }) => `${lease.target.url} is ${verdict.outcome}`);
  console.log(lines.join('\n'));
}

process.once('SIGINT', () => running.unsubscribe());
