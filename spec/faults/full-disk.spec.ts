import { expect } from 'chai';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

const QUEUE_SIZE = 40;
const TARGETS = 200;

/** A real one is in spec/debian/full-disk.spec.ts: it takes the right to mount a file system. */
const REFUSE_AS_A_FULL_DISK_WOULD = `
  CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
  END $$;
  CREATE TRIGGER full_disk BEFORE INSERT ON check_results FOR EACH ROW EXECUTE FUNCTION full_disk()`;

describe('A full disk, simulated by a trigger that raises its error (53100)', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  it('stops leasing once the queue is full, shows in readyz, and costs only time', async () => {
    const { ledger, website, requested } = stage;
    const worker = await startWorkerHere(ledger.dsn, [
      '--http-port=0',
      '--worker-number=10',
      '--batch-size=10',
      `--queue-size=${QUEUE_SIZE}`,
    ]);
    await ledger.psql.query(REFUSE_AS_A_FULL_DISK_WOULD);
    await ledger.addTargets(website.origin, TARGETS, '30 d');
    const { reason } = await worker.logged(/^recording failed/);
    expect(reason).to.match(/No space left on device \(53100\)/);
    await requested(QUEUE_SIZE - 1); // it does not ask again for a single place
    await worker.logged(/^recording failed/, 3);
    const queued = website.requests.length;
    expect(queued, 'none beyond the queue').to.be.at.most(QUEUE_SIZE);
    expect(await worker.get('/readyz')).to.match(/^503 record: .*53100/);
    expect(await worker.get('/livez')).to.match(/^200 /);
    const metrics = await worker.get('/metrics');
    expect(metrics).to.match(/^website_monitor_checks_running 0$/m);
    expect(metrics).to.match(new RegExp(`^website_monitor_checks_unsaved ${queued}$`, 'm'));

    await ledger.psql.query('DROP TRIGGER full_disk ON check_results');
    await ledger.until('SELECT count(*) = $1 FROM check_results', [TARGETS]);
    expect(await worker.get('/readyz')).to.match(/^200 /);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  });
});
