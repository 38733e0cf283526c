import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, mergeMap, NEVER, of, Subject, take, throwError, toArray } from 'rxjs';
import sinon from 'sinon';
import { createMonitor } from '../../lib/app/create-monitor.ts';
import type { MonitorOptions } from '../../lib/app/monitor-options.ts';
import type { Ports } from '../../lib/checking/ports.ts';
import { NO_PHASES } from '../../lib/domain/check/answer.ts';
import { answered } from '../../lib/domain/check/make-answer.ts';
import { SchemaError } from '../../lib/postgres/migrate.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import { askUntil } from '../support/ask-until.ts';
import { clientSockets } from '../support/client-sockets.ts';
import { failureOf } from '../support/failure-of.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { emptyTables } from '../support/migrated-database.ts';
import { testDatabase } from '../support/postgres.ts';
import { hang, respond, type ScriptedWebsite, startScriptedWebsite } from '../support/scripted-website.ts';
import { proxyBefore } from '../support/tcp-proxy.ts';

const WORKER = 'embedded-worker';
const LOOPBACK = { all: false, ranges: ['127.0.0.1'] };
const NOTHING = { defaultValue: 'completed' };
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none';

describe('createMonitor', () => {
  let ledger: Ledger;
  let website: ScriptedWebsite;
  let options: MonitorOptions;
  before(async () => {
    ledger = await openLedger();
  });
  after(() => ledger.drop());
  beforeEach(async () => {
    await emptyTables(ledger.psql);
    website = await startScriptedWebsite({ acts: { '/hangs': hang, '*': respond() } });
    options = { dsn: ledger.dsn, worker: WORKER, privateTargets: LOOPBACK, dbPoolSize: 2 };
  });
  afterEach(async () => {
    sinon.restore();
    await website.close();
    await noSessionIsLeft();
  });

  /** The server needs a moment to notice that a session has ended. */
  const noSessionIsLeft = async (): Promise<void> => {
    const sessions = 'SELECT FROM pg_stat_activity WHERE application_name = $1';
    await askUntil(async () => (await ledger.rows(sessions, [WORKER])).length === 0);
  };

  it('creates the schema, adds the websites, and emits each check once it is recorded', async () => {
    const empty = await testDatabase();
    const websites = [`${website.origin}/one`, { url: `${website.origin}/two`, method: 'HEAD' as const }];
    const stop = new Subject<void>();
    const seen: string[] = [];
    await new Promise<void>((complete, error) =>
      createMonitor({ ...options, dsn: empty.dsn, websites, stop })
        .pipe(mergeMap(({ recorded }) => recorded))
        .subscribe({
          next: ({ lease: { target }, verdict }) => {
            seen.push(`${target.method} ${target.url.replace(website.origin, '')} ${verdict.outcome}`);
            if (seen.length === 2) stop.next();
          },
          complete,
          error,
        }),
    );
    expect(seen.sort()).to.deep.equal(['GET /one up', 'HEAD /two up']);
    await empty.drop();
  });

  it('adds the websites again if the connection is cut meanwhile', async () => {
    await ledger.psql.query('BEGIN');
    await ledger.psql.query(statement('advisory-lock'), ['add targets']);
    const log = { info: () => {}, warn: sinon.spy() };
    const websites = [`${website.origin}/one`, `${website.origin}/two`];
    const added = firstValueFrom(createMonitor({ ...options, websites, log }));
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_locks
      WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND NOT granted`;
    await askUntil(async () => (await ledger.rows(cut)).length > 0);
    await ledger.psql.query('COMMIT');
    expect((await added).recorded).to.not.be.empty;
    expect(log.warn.args.map(([message]) => message)).to.deep.equal(['waiting for the database']);
    const urls = await ledger.rows<{ url: string }>('SELECT url FROM monitored_targets ORDER BY id');
    expect(urls.map(({ url }) => url)).to.deep.equal(websites);
  });

  it('finishes and records running checks when stopped, and completes with no session left', async () => {
    await ledger.addTargets(website.origin, 5, '30 d');
    const stop = new Subject<void>();
    const fetching = new Subject<void>();
    const answers = new Subject<void>();
    const fetch: MonitorOptions['fetch'] = () => {
      fetching.next();
      return answers.pipe(mergeMap(async () => answered({ httpStatus: 204 })));
    };
    const all = lastValueFrom(
      createMonitor({ ...options, fetch, stop }).pipe(
        mergeMap(({ recorded }) => recorded),
        toArray(),
      ),
    );
    await firstValueFrom(fetching);
    stop.next();
    answers.next();
    const checks = await all;
    expect(checks).to.have.length(5);
    expect(checks[0]).to.include({ httpStatus: 204 });
    await noSessionIsLeft();
    expect(await ledger.rows('SELECT FROM check_results')).to.have.length(5);
  });

  it('gives running slots back when unsubscribed, and leaves no session', async () => {
    await ledger.addTargets(`${website.origin}/hangs?`, 3, '30 d');
    const requested = website.nextRequest();
    const running = createMonitor(options).subscribe();
    await requested;
    running.unsubscribe();
    await ledger.until('SELECT count(*) = 0 FROM lease_batches WHERE expires_at > now()'); // nobody has to wait for it
    await noSessionIsLeft();
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.rows('SELECT FROM check_results')).to.deep.equal([]);
  });

  it('gives up on a database that does not answer, seconds after it is unsubscribed', async () => {
    await ledger.addTargets(`${website.origin}/hangs?`, 1, '30 d');
    const proxy = await proxyBefore(ledger.dsn);
    const dsn = proxy.through(ledger.dsn);
    const sockets = clientSockets(Number(new URL(dsn).port));
    const requested = website.nextRequest();
    const running = createMonitor({ ...options, dsn }).subscribe();
    await requested;
    proxy.blackhole();
    running.unsubscribe();
    await askUntil(() => sockets.open() === 0);
    sockets.stop();
    await proxy.close();
  });

  it('gives up on a database that does not answer, seconds after it was stopped and its checks have ended', async () => {
    await ledger.addTargets(website.origin, 1, '30 d');
    const stop = new Subject<void>();
    const fetching = new Subject<void>();
    const answers = new Subject<void>();
    const fetch: MonitorOptions['fetch'] = () => {
      fetching.next();
      return answers.pipe(mergeMap(async () => answered({ httpStatus: 204 })));
    };
    const log = { info: () => {}, warn: sinon.spy() };
    const proxy = await proxyBefore(ledger.dsn);
    const dsn = proxy.through(ledger.dsn);
    const ended = lastValueFrom(createMonitor({ ...options, dsn, fetch, log, stop }), NOTHING);
    await firstValueFrom(fetching);
    proxy.blackhole();
    stop.next();
    answers.next();
    expect(await ended).to.equal('completed');
    await proxy.close();
    expect(log.warn.args).to.deep.include([
      'stopped without recording: the database does not answer; other workers check those slots',
      { slots: 1 },
    ]);
  });

  it('shares a database with another monitor in the same process, and each slot runs once', async () => {
    await ledger.addTargets(website.origin, 20, '1 s');
    const monitor = createMonitor({ ...options, batchSize: 3 });
    const running = [monitor.subscribe(), monitor.subscribe()];
    await ledger.until('SELECT count(*) >= 60 FROM check_results');
    for (const one of running) one.unsubscribe();
    await noSessionIsLeft();
    expect(await ledger.imbalance()).to.deep.equal([]);
  });

  it('reports unknown, not down, if a fetch ignores its deadline', async () => {
    await ledger.addTargets(website.origin, 1, '30 d');
    const forgetful = createMonitor({ ...options, fetch: () => NEVER, maxTimeoutMs: 100, confirm: 0 });
    const { recorded } = await firstValueFrom(forgetful);
    expect(recorded[0]?.verdict).to.deep.equal({
      outcome: 'unknown',
      cause: 'internal_error',
      detail: 'the fetch did not end by its deadline',
    });
  });

  it('goes on when hooks and the logger throw, and names each hook once', async () => {
    await ledger.addTargets(website.origin, 1, '1 s');
    const boom = () => {
      throw new Error('boom');
    };
    const hooks = { occupancy: boom, pass: boom, started: boom, settled: boom, recorded: boom };
    const warn = sinon.spy();
    const log = { info: boom, warn };
    const checks = createMonitor({ ...options, hooks, log }).pipe(mergeMap(({ recorded }) => recorded));
    await lastValueFrom(checks.pipe(take(2)));
    expect(warn.args.map(([message]) => message.split(';')[0])).to.have.members(
      Object.keys(hooks).map(name => `hook ${name} threw an error`),
    );
    await noSessionIsLeft();
    expect(await ledger.imbalance()).to.deep.equal([]);
  });

  it('records an invalid answer of your fetch as unknown, and rounds fractions without a warning', async () => {
    await ledger.addTargets(website.origin, 2, '30 d');
    const warn = sinon.spy();
    const fetch = (({ url }) =>
      of(
        url.endsWith('/1')
          ? { kind: 'answered', httpStatus: 200 }
          : answered({ httpStatus: 200, phases: { ...NO_PHASES, totalUs: 1.5 } }),
      )) as Ports['fetch'];
    const checks = createMonitor({ ...options, fetch, log: { info: () => {}, warn } });
    await lastValueFrom(
      checks.pipe(
        mergeMap(({ recorded }) => recorded),
        take(2),
      ),
    );
    const rows = 'SELECT outcome, cause, total_us = 2 AS rounded FROM check_results ORDER BY outcome DESC';
    expect(await ledger.rows(rows)).to.have.deep.members([
      { outcome: 'unknown', cause: 'internal_error', rounded: false },
      { outcome: 'up', cause: null, rounded: true },
    ]);
    expect(warn.args).to.deep.equal([]);
  });

  for (const [keepAlive, isKept] of [
    [undefined, false],
    [false, false],
    [true, true],
  ] as const) {
    it(`${isKept ? 'keeps connections until it ends' : 'dials for each check'}: keepAlive ${keepAlive}`, async () => {
      await ledger.addTargets(website.origin, 1, '1 s');
      const checks = createMonitor({ ...options, keepAlive }).pipe(mergeMap(({ recorded }) => recorded));
      await lastValueFrom(checks.pipe(take(3)));
      expect(website.socketsAccepted()).to.equal(isKept ? 1 : website.requests.length);
      await website.allClosed();
    });
  }

  it('asks your fetch, too, to confirm on a new connection', async () => {
    await ledger.addTargets(website.origin, 1, '30 d');
    const fetch = sinon.fake((..._: Parameters<Ports['fetch']>) => of(answered({ httpStatus: 500 })));
    await firstValueFrom(createMonitor({ ...options, fetch }));
    expect(fetch.args.map(([, , onNewConnection]) => onNewConnection)).to.deep.equal([false, true]);
  });

  it('calls hooks, some or all of them', async () => {
    await ledger.addTargets(website.origin, 1, '30 d');
    const hooks = { started: sinon.spy(), recorded: sinon.spy() };
    await firstValueFrom(createMonitor({ ...options, hooks }));
    expect([hooks.started.callCount, hooks.recorded.callCount]).to.deep.equal([1, 1]);
  });

  it('errors if retrying is of no use, and leaves no session', async () => {
    await ledger.psql.query('UPDATE schema_migrations SET checksum = reverse(checksum)');
    expect(await failureOf(lastValueFrom(createMonitor(options)))).to.be.an.instanceOf(SchemaError);
    await noSessionIsLeft();
    await ledger.psql.query('UPDATE schema_migrations SET checksum = reverse(checksum)');
  });

  it('waits for an unreachable database until it is stopped or unsubscribed', async () => {
    const warned = new Subject<unknown[]>();
    const log = { info: () => {}, warn: (...said: unknown[]) => warned.next(said) };
    const stop = new Subject<void>();
    const twoWarnings = firstValueFrom(warned.pipe(take(2), toArray()));
    const waiting = lastValueFrom(createMonitor({ dsn: NOWHERE, log, stop }), { defaultValue: 'completed' });
    const reason = 'connect ECONNREFUSED 127.0.0.1:1 (ECONNREFUSED)';
    expect(await twoWarnings).to.deep.equal([
      ['waiting for the database', { reason, attempt: 1 }],
      ['waiting for the database', { reason, attempt: 2 }],
    ]);
    stop.next();
    expect(await waiting).to.equal('completed');
  });

  it('never starts if it was stopped before', async () => {
    const stop = Promise.resolve();
    const never = lastValueFrom(createMonitor({ ...options, stop }), { defaultValue: 'completed' });
    expect(await never).to.equal('completed');
  });

  it('logs to the given logger only', async () => {
    await ledger.addTargets(website.origin, 1, '30 d');
    const written = (['log', 'info', 'warn', 'error', 'debug'] as const).map(name =>
      sinon.spy(console, name),
    );
    const streams = [process.stdout, process.stderr].map(stream => sinon.spy(stream, 'write'));
    await firstValueFrom(createMonitor(options));
    const informed = new Subject<unknown[]>();
    const told = firstValueFrom(informed);
    const log = { info: (...said: unknown[]) => informed.next(said), warn: () => {} };
    const running = createMonitor({ ...options, log }).subscribe();
    expect(await told).to.deep.equal(['listening for changes', {}]);
    running.unsubscribe();
    await noSessionIsLeft();
    const noises = [...written, ...streams].map(({ callCount }) => callCount);
    sinon.restore();
    expect(noises).to.deep.equal(noises.map(() => 0));
  });

  it('is stopped by an AbortSignal, also by one that is aborted already', async () => {
    const controller = new AbortController();
    const started = new Subject<void>();
    const hooks = { pass: () => started.next() };
    const passed = firstValueFrom(started);
    const stopped = lastValueFrom(createMonitor({ ...options, hooks, stop: controller.signal }), NOTHING);
    await passed;
    controller.abort();
    expect(await stopped).to.equal('completed');
    const pass = sinon.spy();
    const never = createMonitor({ ...options, hooks: { pass }, stop: controller.signal });
    expect(await lastValueFrom(never, NOTHING)).to.equal('completed');
    expect(pass.callCount).to.equal(0);
    await noSessionIsLeft();
  });

  it('opens nothing if its stop fails at once, and closes what is open if it fails later', async () => {
    const sockets = clientSockets(Number(new URL(ledger.dsn).port));
    const atOnce = createMonitor({ ...options, stop: throwError(() => new Error('no stop')) });
    expect((await failureOf(lastValueFrom(atOnce))).message).to.equal('no stop');
    expect(sockets.opened()).to.equal(0);
    sockets.stop();
    const stop = new Subject<void>();
    const hooks = { pass: () => stop.error(new Error('broken')) };
    const later = createMonitor({ ...options, hooks, stop });
    expect((await failureOf(lastValueFrom(later))).message).to.equal('broken');
    await noSessionIsLeft();
  });
});
