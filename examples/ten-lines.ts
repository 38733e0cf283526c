/**
 * Embeds the whole monitor in a program: checks a website every minute and prints each result.
 *
 *   node ten-lines.ts postgres://localhost/postgres https://example.org
 */
import { mergeMap } from 'rxjs';
import { createMonitor } from 'website-monitor';

const [dsn = 'postgres://localhost/postgres', url = 'https://example.org'] = process.argv.slice(2);
const privateTargets = { all: false, ranges: ['127.0.0.1'] }; // allows websites on this machine

const running = createMonitor({ dsn, websites: [url], privateTargets })
  .pipe(mergeMap(({ recorded }) => recorded))
  .subscribe(({ lease, verdict }) => console.log(`${lease.target.url} is ${verdict.outcome}`));

process.once('SIGINT', () => running.unsubscribe());
