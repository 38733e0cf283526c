import { expect } from 'chai';
import {
  ACCEPTED,
  alertFacts,
  emptyAlerting,
  type HandDrivenAlerting,
  handDrivenAlerting,
} from '../../support/alerting.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { handDrivenWorker } from '../../support/worker.ts';

describe('Alerting, when the clock of the database is set back', () => {
  let db: MigratedDatabase;
  let alerting: HandDrivenAlerting;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    await emptyAlerting(db);
    alerting = handDrivenAlerting(db.database, { alertIntervalMs: 60_000 });
  });

  /** To the database, the same as its clock going back by an hour: all that it knows is of later. A worker follows. */
  const setBack = async () => {
    await db.psql.query(`
      UPDATE target_leases SET next_fire_at = next_fire_at + interval '1 h';
      UPDATE channel_queues SET not_before = not_before + interval '1 h', leased_until = leased_until + interval '1 h';
      UPDATE incidents SET started_at = started_at + interval '1 h', ended_at = ended_at + interval '1 h';
      UPDATE alerts SET due_at = due_at + interval '1 h', started_at = started_at + interval '1 h',
        incident_at = incident_at + interval '1 h', noticed_at = noticed_at + interval '1 h',
        rechecked_at = rechecked_at + interval '1 h';`);
    await handDrivenWorker(db.database).lease(1);
  };

  it('channels wait for no longer than they would have, and leases last as long as they did', async () => {
    const { addTarget, addChannel, goDown } = alertFacts(db);
    await addChannel('chat', { url: 'slack+http://127.0.0.1:1/x' });
    await addChannel('hook');
    await goDown(await addTarget({ check_interval: '10 s' }));
    await alerting.advance();
    const batches = await alerting.lease();
    for (const batch of batches) if (batch.channel.name === 'chat') await alerting.record(batch, ACCEPTED);
    await setBack();
    expect(
      await db.rows(`SELECT not_before < now() + interval '2 min' AS is_soon, leased_until > now() AS is_leased,
        leased_until < now() + interval '1 min' AS not_for_long FROM channel_queues ORDER BY channel_id`),
    ).to.deep.equal([
      { is_soon: true, is_leased: false, not_for_long: true },
      { is_soon: true, is_leased: true, not_for_long: true },
    ]);
  });

  it('alerts are looked at as soon as they would have been, and follow incidents of the time that comes again', async () => {
    const { addTarget, addChannel, goDown } = alertFacts(db);
    await addChannel('hook');
    const target = await addTarget({ check_interval: '10 s' });
    await handDrivenAlerting(db.database, { lingerMs: 1_000 }).advance();
    await goDown(target);
    await handDrivenAlerting(db.database, { lingerMs: 1_000 }).advance(); // pending, for a second
    await setBack();
    expect(
      await db.rows("SELECT due_at < now() + interval '15 s' AS is_soon, state FROM alerts"),
    ).to.deep.equal([{ is_soon: true, state: 'pending' }]);
    await db.psql.query('UPDATE incidents SET ended_at = started_at');
    await goDown(target);
    await alerting.advance();
    expect(await db.rows('SELECT ended_at, incidents FROM alerts')).to.deep.equal([
      { ended_at: null, incidents: 2 },
    ]);
  });
});
