import { expect } from 'chai';
import { describeWith } from '../support/debian.ts';
import { launchWorker, type MainProcess, startWorker } from '../support/main-process.ts';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { openStage, type Stage } from '../support/stage.ts';

const TARGETS = 20;

describeWith('pgbouncer', 'Behind PgBouncer in transaction mode a worker', () => {
  let stage: Stage;
  let pooler: PgBouncer;
  beforeEach(async () => {
    stage = await openStage();
    pooler = await startPgBouncer(stage.ledger.dsn);
  });
  afterEach(async () => {
    await stage.close();
    await pooler?.close();
  });

  const listenRetries = async (worker: MainProcess): Promise<number> => {
    const found = /^website_monitor_database_retries_total\{operation="listen"\} (\d+)$/m;
    return Number(found.exec(await worker.get('/metrics'))?.[1]);
  };
  const stopAndAudit = async (worker: MainProcess) => {
    const { ledger } = stage;
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  };

  it('works, and says once that it polls', async () => {
    const { ledger, website } = stage;
    const worker = launchWorker(pooler.dsn, ['--http-port=0']);
    const { reason } = await worker.logged(/^LISTEN does not work/);
    expect(reason).to.match(/transaction pooler/);
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    await ledger.until('SELECT count(*) >= $1 FROM check_results', [3 * TARGETS]);
    while ((await listenRetries(worker)) < 4); // it has tried that often
    expect(worker.log().filter(({ message }) => /poll|listen/i.test(message))).to.have.length(1);
    expect(await worker.get('/readyz')).to.match(/^200 polling/);
    await stopAndAudit(worker);
  });

  it('listens, and hears of changes at once, where --listen-dsn goes around it', async () => {
    const { ledger, website, requested } = stage;
    const worker = await startWorker(pooler.dsn, ['--http-port=0', `--listen-dsn=${ledger.dsn}`]);
    await ledger.addTargets(website.origin, TARGETS, '30 d');
    await requested(TARGETS);
    await ledger.until('SELECT count(*) = $1 FROM check_results', [TARGETS]);
    expect(worker.log().filter(({ level }) => level !== 'info')).to.deep.equal([]);
    expect(await worker.get('/readyz')).to.equal('200 listening\n');
    await stopAndAudit(worker);
  });
});
