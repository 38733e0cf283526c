/**
 * Streams state changes: prints a line when this process records that a target went down, or up again.
 * Other workers on the same database report their own.
 *
 *   node alert-on-change.ts postgres://localhost/postgres
 */
import { fromEvent, mergeMap } from 'rxjs';
import { createMonitor } from 'website-monitor';

const [dsn = 'postgres://localhost/postgres'] = process.argv.slice(2);

createMonitor({
  dsn,
  privateTargets: { all: false, ranges: ['127.0.0.1'] }, // allows websites on this machine
  stop: fromEvent(process, 'SIGINT'), // graceful: finishes and records running checks
  log: console,
})
  .pipe(mergeMap(({ transitions }) => transitions)) // what this process has recorded
  .subscribe({
    next: ({ check: { lease, verdict }, to }) => {
      const why = verdict.outcome === 'up' ? '' : `: ${verdict.cause}, ${verdict.detail}`;
      console.log(`${lease.target.url} is ${to}${why}`);
    },
    error: ({ message }: Error) => console.error(`cannot continue: ${message}`),
    complete: () => console.log('everything is recorded'),
  });
