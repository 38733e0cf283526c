import { expect } from 'chai';
import { createGate, type Gate } from '../support/gate.ts';
import { type MainProcess, startWorker } from '../support/main-process.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';

const LEASE_FLAGS = ['--max-timeout=2', '--lease-margin=2'];
const LEASE_MS = 4_000;
/** For the takeover itself, on a machine with other things to do */
const SLACK_MS = 10_000;

describe('Death and pause with checks under way', () => {
  let stage: Stage;
  let gate: Gate;
  beforeEach(async () => {
    gate = createGate();
    stage = await openStage({ '*': gate.behind(respond()) });
  });
  afterEach(() => stage.close());

  const PLACES = 20;
  /** Two workers that hold a half each of all the targets there are, and wait for the website. */
  const startTwoFullWorkers = async (): Promise<[MainProcess, MainProcess]> => {
    const { ledger, website, requested } = stage;
    const start = (name: string) =>
      startWorker(ledger.dsn, [
        ...LEASE_FLAGS,
        `--worker-id=${name}`,
        `--worker-number=${PLACES}`,
        `--batch-size=${PLACES}`,
      ]);
    const workers = await Promise.all([start('ill'), start('well')]);
    await ledger.addTargets(website.origin, 2 * PLACES, '30 d');
    await requested(2 * PLACES);
    return workers;
  };
  const checks = () => stage.ledger.rows('SELECT * FROM check_results ORDER BY target_id, scheduled_at');

  it('kill -9 of a worker: its unfinished slots are run by another within the lease time', async () => {
    const { ledger } = stage;
    const [ill] = await startTwoFullWorkers();
    expect(await ledger.rows("SELECT FROM lease_batches WHERE worker = 'ill'")).to.not.deep.equal([]);
    ill.signal('SIGKILL');
    await ill.ended;
    gate.open();
    await ledger.until('SELECT count(*) = $1 FROM check_results', [2 * PLACES]);

    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    const [row] = await ledger.rows<{ longest_ms: number }>(
      `SELECT extract(epoch FROM max(started_at - scheduled_at))::float8 * 1000 AS longest_ms FROM check_results`,
    );
    expect(row?.longest_ms, 'not before the lease was over').to.be.within(LEASE_MS, LEASE_MS + SLACK_MS);
    expect(await ledger.rows('SELECT FROM lease_batches')).to.deep.equal([]);
  });

  it('a worker that lost its lease while paused overwrites nothing, says so, and continues', async () => {
    const { ledger, website, requested } = stage;
    const [ill, well] = await startTwoFullWorkers();
    ill.signal('SIGSTOP');
    gate.open();
    await ledger.until('SELECT count(*) = $1 FROM check_results', [2 * PLACES]);
    const before = await checks();

    ill.signal('SIGCONT');
    const { checks: dropped } = await ill.logged(/^checks were dropped: their lease was lost$/);
    expect(dropped).to.equal(PLACES);
    expect(await checks()).to.deep.equal(before);
    expect(await ledger.imbalance()).to.deep.equal([]);

    well.signal('SIGTERM');
    await well.ended;
    await ledger.psql.query("INSERT INTO monitored_targets (url, check_interval) VALUES ($1, '30 d')", [
      `${website.origin}/later`,
    ]);
    await requested(1, '/later');
  });

  it('a fault of ours never becomes a target’s down: a worker that is paused past its deadlines, alone', async () => {
    const { ledger, website, requested } = stage;
    const worker = await startWorker(ledger.dsn, LEASE_FLAGS);
    await ledger.addTargets(website.origin, PLACES, '30 d');
    await requested(PLACES);
    worker.signal('SIGSTOP');
    gate.open();
    await ledger.psql.query('SELECT pg_sleep_until(max(expires_at)) FROM lease_batches');
    worker.signal('SIGCONT');
    await ledger.until('SELECT count(*) = $1 FROM check_results', [PLACES]);
    expect(await ledger.rows("SELECT cause FROM check_results WHERE outcome = 'down'")).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
  });
});
