import { expect } from 'chai';
import { createGate } from '../support/gate.ts';
import { startWorker } from '../support/main-process.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

const TARGETS = 20;

/** Everything that has a time, as it would be had the hour passed without a worker. */
const AN_HOUR_PASSES = `
  UPDATE target_leases SET next_fire_at = next_fire_at - interval '1 h', grid_origin = grid_origin - interval '1 h';
  UPDATE lease_batches SET leased_at = leased_at - interval '1 h', expires_at = expires_at - interval '1 h',
    slots = ARRAY(SELECT slot - interval '1 h' FROM unnest(slots) WITH ORDINALITY AS s (slot, place) ORDER BY place);
  UPDATE monitored_targets SET created_at = created_at - interval '1 h'`;

describe('An hour without any worker', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  it('after a kill with checks under way: each target runs once, all the rest is a gap, and nothing comes in a burst', async () => {
    const gate = createGate();
    stage = await openStage({ '*': gate.behind(respond()) });
    const { ledger, website, requested } = stage;
    const killed = await startWorker(ledger.dsn);
    await ledger.addTargets(website.origin, TARGETS, '1 min');
    await requested(TARGETS);
    killed.signal('SIGKILL');
    await killed.ended;
    const [before] = await ledger.rows<{ slots: number }>(
      'SELECT sum(cardinality(slots))::integer AS slots FROM lease_batches',
    );
    await ledger.psql.query(AN_HOUR_PASSES);
    gate.open();
    const [resumed] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');

    await startWorkerHere(ledger.dsn);
    await ledger.until('SELECT count(*) >= $1 FROM check_results', [TARGETS]);
    expect(await ledger.rows('SELECT FROM lease_batches WHERE expires_at < now()')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(before).to.deep.equal({ slots: TARGETS });
    const gaps = await ledger.rows<{ slots: number }>(
      'SELECT sum(slots)::integer AS slots FROM check_gaps GROUP BY target_id',
    );
    expect(gaps).to.have.length(TARGETS);
    for (const { slots } of gaps) expect(slots).to.be.within(60, 61); // a slot may fall due at the start
    const burst = await ledger.rows(
      'SELECT target_id FROM check_results WHERE scheduled_at < $1 GROUP BY target_id HAVING count(*) > 1',
      [resumed?.at],
    );
    expect(burst, 'targets that were run for more than one old slot').to.deep.equal([]);
  });
});
