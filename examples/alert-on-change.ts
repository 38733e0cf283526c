/**
 * Embeds website-monitor: the whole service, with one more reader of what it records.
 * Prints a line when a target goes up or down. Run it from a checkout, with a database that
 * `npm run migrate` has prepared:
 *
 *   npm run example -- postgres://localhost/postgres
 */
import { randomUUID } from 'node:crypto';
import { mergeMap, NEVER, Subject } from 'rxjs';
import {
  connectDatabase,
  createFetch,
  createMatcher,
  createNameResolver,
  holdBatches,
  leaseSlots,
  monitor,
  type Ports,
  recordChecks,
  wakeUps,
} from '../lib/index.ts'; // from 'website-monitor', once installed

const dsn = process.argv[2] ?? 'postgres://localhost/postgres';
const worker = `example-${randomUUID()}`;
const database = connectDatabase({ dsn, poolSize: 4, applicationName: worker });
const held = holdBatches();
const stopping = new Subject<void>();
const onTrouble = (error: unknown) => console.error(error instanceof Error ? error.message : error);
const nothing = () => {};

const ports: Ports = {
  wakeUps: wakeUps(database, {
    dsn,
    applicationName: worker,
    instanceId: worker,
    onListening: nothing,
    onTrouble,
  }),
  lease: leaseSlots(database, held, {
    worker,
    timeoutMs: 10_000,
    leaseMarginMs: 5_000,
    attemptsMax: 2,
    aheadMs: 250,
    onTrouble,
    stopping,
  }),
  fetch: createFetch({ resolve: createNameResolver().resolve }),
  match: createMatcher().match,
  record: recordChecks(database, held, { worker, onTrouble }),
  measure: {
    occupancy: nothing,
    pass: nothing,
    started: nothing,
    rechecking: nothing,
    settled: nothing,
    saved: nothing,
  },
  stopping,
  aborting: NEVER,
  monotonicMs: () => performance.now(),
};
const settings = {
  workerNumber: 50,
  queueSize: 500,
  batchSize: 50,
  raiseForStatus: true,
  confirm: 1,
  leadMs: 50,
  paceMs: 50,
  lingerMs: 50,
};

monitor(ports, settings)
  .pipe(
    mergeMap(({ turned }) => turned), // what the database turned by what it recorded: once, whoever retries
  )
  .subscribe(({ check, to }) => console.log(`${check.lease.target.url} is ${to}`));

process.once('SIGINT', () => {
  stopping.next();
  setTimeout(() => process.exit(0), 2_000);
});
