import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { expect } from 'chai';
import { startRawServer } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { launchWorkerHere, startWorkerHere } from '../support/worker-here.ts';

/** What may happen to a session at any time: a restart, a failover, an administrator. */
const TERMINATE = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'troubled'`;

describe('Trouble with the database', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  it('an unreachable database: the worker says what it waits for, and starts by itself when it comes', async () => {
    const { ledger, website, requested } = stage;
    await ledger.addTargets(website.origin, 1, '30 d');
    let isThere = false;
    const { hostname, port } = new URL(ledger.dsn);
    const gateway = await startRawServer(socket => {
      if (!isThere) return socket.resetAndDestroy();
      const server = connect(Number(port), hostname);
      return pipeline(socket, server, socket, () => {});
    });
    const dsn = new URL(ledger.dsn);
    dsn.host = `127.0.0.1:${gateway.port}`;

    const worker = launchWorkerHere(dsn.href);
    const { reason } = await worker.logged(/^waiting for the database$/, 2);
    expect(reason).to.match(/ECONNRESET/);
    isThere = true;
    await requested(1);
    await ledger.until('SELECT count(*) = 1 FROM check_results');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    await gateway.close();
  });

  it('all sessions ended, again and again: the worker recovers by itself, and no website is down because of it', async () => {
    const { ledger, website } = stage;
    const worker = await startWorkerHere(ledger.dsn, ['--worker-id=troubled']);
    await ledger.addTargets(website.origin, 50, '1 s');
    for (let round = 1; round <= 3; round += 1) {
      await ledger.until('SELECT count(*) >= $1 FROM check_results', [50 * round]);
      const terminated = await ledger.rows(TERMINATE);
      expect(terminated).to.not.have.length(0);
    }
    await ledger.until('SELECT count(*) >= 250 FROM check_results');
    await worker.logged(/^listening for changes$/, 2);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });

    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  });

  it('a dead LISTEN connection: the worker reconnects by itself, and receives later notifications', async () => {
    const { ledger, website, requested } = stage;
    const worker = await startWorkerHere(ledger.dsn, ['--worker-id=troubled']);
    expect(await ledger.rows(`${TERMINATE} AND query ILIKE 'listen %'`)).to.have.length(1);
    await worker.logged(/^LISTEN is down/);
    await worker.logged(/^listening for changes$/, 2);
    await ledger.addTargets(website.origin, 1, '30 d');
    await requested(1);
    const [row] = await ledger.rows(
      "SELECT clock_timestamp() < created_at + interval '10 s' AS soon FROM monitored_targets",
    );
    expect(row, 'sooner than the look every 15 seconds').to.deep.equal({ soon: true });
  });
});
