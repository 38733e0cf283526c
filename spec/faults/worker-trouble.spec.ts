import { expect } from 'chai';
import { askUntil } from '../support/ask-until.ts';
import { createGate, type Gate } from '../support/gate.ts';
import { launch, startWorker } from '../support/main-process.ts';
import { psqlLike } from '../support/postgres.ts';
import { hang, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

describe('A worker’s own trouble is no website’s', () => {
  let stage: Stage;
  let gate: Gate;
  beforeEach(async () => {
    gate = createGate();
    stage = await openStage({ '*': gate.behind(respond()), '/hang': hang });
  });
  afterEach(() => stage.close());

  const addTarget = (path: string, timeout: string) =>
    stage.ledger.psql.query(
      "INSERT INTO monitored_targets (url, check_interval, timeout) VALUES ($1, '30 d', $2)",
      [`${stage.website.origin}${path}`, timeout],
    );
  /** Resolves once a lease statement waits for its lock. */
  const leaseWaits = () =>
    askUntil(async () => {
      const waiting = await stage.ledger.rows(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
  const outcomes = () =>
    stage.ledger.rows<{ path: string; outcome: string; cause: string | null }>(
      `SELECT replace(url, $1, '') AS path, outcome, cause
       FROM check_results JOIN monitored_targets ON id = target_id ORDER BY path`,
      [stage.website.origin],
    );

  it('where its event loop stands still for 5 seconds: checks are late, or unknown where their time ran out', async () => {
    const loop = new URL('../support/loop-that-blocks.ts', import.meta.url).href;
    const worker = await startWorker(stage.ledger.dsn, [], {
      NODE_OPTIONS: `--import=${loop}`,
      BLOCKED_MS: '5000',
    });
    await addTarget('/hang', '3 s');
    await addTarget('/patient', '20 s');
    await addTarget('/short', '3 s');
    await stage.requested(3);
    worker.signal('SIGUSR2');
    await worker.logged(/^blocked$/);
    gate.open();
    await stage.ledger.until('SELECT count(*) = 3 FROM check_results');
    const [hanging, patient, short] = await outcomes();
    expect(hanging).to.deep.equal({ path: '/hang', outcome: 'unknown', cause: 'worker_stalled' });
    expect(patient).to.deep.equal({ path: '/patient', outcome: 'up', cause: null });
    // Its answer and its deadline came while nobody looked: either may be seen first.
    expect(short?.path).to.equal('/short');
    expect(short?.cause).to.be.oneOf([null, 'worker_stalled']);
    await addTarget('/later', '3 s');
    await stage.ledger.until('SELECT count(*) = 4 FROM check_results');
  });

  it('where its file descriptors are used up: unknown, by name, and up again when there are some', async () => {
    const { ledger, website } = stage;
    const worker = launch({
      args: ['--http-port=0', '--logging-type=prod', '--worker-number=100'],
      environment: { WEBSITE_MONITOR_DSN: ledger.dsn },
      descriptorsMax: 64,
    });
    await worker.logged(/^listening for changes$/);
    await ledger.addTargets(website.origin, 100, '3 s');
    await ledger.until("SELECT count(*) > 0 FROM check_results WHERE outcome = 'unknown'");
    gate.open();
    const [opened] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    await ledger.until("SELECT count(*) >= 100 FROM check_results WHERE outcome = 'up' AND started_at > $1", [
      opened?.at,
    ]);
    expect(
      await ledger.rows('SELECT DISTINCT outcome, cause FROM check_results ORDER BY outcome'),
    ).to.deep.equal([
      { outcome: 'up', cause: null },
      { outcome: 'unknown', cause: 'out_of_resources' },
    ]);
    expect(await ledger.imbalance()).to.deep.equal([]);
  });

  it('where a lease comes after it has expired: nothing is fetched late, and that is counted', async () => {
    const { ledger, website, requested } = stage;
    gate.open();
    const worker = await startWorkerHere(ledger.dsn, [
      '--http-port=0',
      '--max-timeout=0.5',
      '--lease-margin=2',
    ]);
    const other = await psqlLike(ledger.dsn);
    await other.query('BEGIN; LOCK TABLE website_monitor.lease_batches IN SHARE MODE'); // against inserts
    await ledger.addTargets(website.origin, 5, '30 d');
    await leaseWaits();
    await ledger.psql.query('SELECT pg_sleep(3.1)');
    expect(website.requests).to.have.length(0);
    await other.query('COMMIT');
    await other.end();

    await requested(5);
    await ledger.until('SELECT count(*) = 5 FROM check_results');
    expect(await worker.get('/metrics')).to.match(
      /^website_monitor_slots_given_back_total\{reason="lease_too_short"\} 5$/m,
    );
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
    expect(await ledger.imbalance()).to.deep.equal([]);
  });
});
