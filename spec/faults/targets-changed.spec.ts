import { expect } from 'chai';
import { createGate, type Gate } from '../support/gate.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere, type WorkerHere } from '../support/worker-here.ts';

describe('A target that changes while it is being checked', () => {
  let stage: Stage;
  let gate: Gate;
  let worker: WorkerHere;
  beforeEach(async () => {
    gate = createGate();
    stage = await openStage({ '/slow': gate.behind(respond()) });
    worker = await startWorkerHere(stage.ledger.dsn);
    await stage.ledger.psql.query('INSERT INTO monitored_targets (url, check_interval) VALUES ($1, $2)', [
      `${stage.website.origin}/slow`,
      '30 d',
    ]);
    await stage.requested(1);
  });
  afterEach(() => stage.close());

  const CHECKS = `SELECT target_version AS version, outcome FROM check_results ORDER BY target_version`;
  /** Lets the website answer, waits until no lease is left, and expects no trouble from all this. */
  const finish = async () => {
    gate.open();
    await stage.ledger.until('SELECT count(*) = 0 FROM lease_batches');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(worker.log().filter(({ level }) => level !== 'info')).to.deep.equal([]);
    expect(await stage.ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
  };

  it('by being deleted: its check is kept, and its lease is not stuck', async () => {
    await stage.ledger.psql.query('DELETE FROM monitored_targets');
    await finish();
    expect(await stage.ledger.rows(CHECKS)).to.deep.equal([{ version: 1, outcome: 'up' }]);
    expect(await stage.ledger.rows('SELECT FROM target_leases')).to.deep.equal([]);
  });

  it('by being edited: its check gives way to that of the new configuration, which runs at once', async () => {
    await stage.ledger.psql.query('UPDATE monitored_targets SET url = $1', [`${stage.website.origin}/new`]);
    await stage.requested(1, '/new');
    await finish();
    expect(await stage.ledger.rows(CHECKS)).to.deep.equal([{ version: 2, outcome: 'up' }]);
    expect(await stage.ledger.rows('SELECT slots, reason FROM check_gaps')).to.deep.equal([
      { slots: '1', reason: 'target_edited' },
    ]);
  });

  it('by being disabled: its check is kept, and there is no other', async () => {
    await stage.ledger.psql.query('UPDATE monitored_targets SET enabled = false');
    await finish();
    expect(await stage.ledger.rows(CHECKS)).to.deep.equal([{ version: 1, outcome: 'up' }]);
    expect(await stage.ledger.rows('SELECT FROM target_leases')).to.deep.equal([]);
    expect(stage.website.requests).to.have.length(1);
  });
});
