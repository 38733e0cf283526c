/**
 * The whole monitor within another program: checks a website every minute and says what came of it.
 *
 *   node ten-lines.ts postgres://localhost/postgres https://example.org
 */
import { mergeMap } from 'rxjs';
import { createMonitor } from 'website-monitor';

const [dsn = 'postgres://localhost/postgres', url = 'https://example.org'] = process.argv.slice(2);
const privateTargets = { all: false, ranges: ['127.0.0.1'] }; // so that a website of this machine will do

const running = createMonitor({ dsn, websites: [url], privateTargets })
  .pipe(mergeMap(({ recorded }) => recorded))
  .subscribe(({ lease, verdict }) => console.log(`${lease.target.url} is ${verdict.outcome}`));

process.once('SIGINT', () => running.unsubscribe());
