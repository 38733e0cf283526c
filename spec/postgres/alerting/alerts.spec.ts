import { expect } from 'chai';
import {
  alertFacts,
  emptyAlerting,
  gist,
  type HandDrivenAlerting,
  handDrivenAlerting,
} from '../../support/alerting.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

describe('Alerts in the database', () => {
  let db: MigratedDatabase;
  let alerting: HandDrivenAlerting;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    await emptyAlerting(db);
    alerting = handDrivenAlerting(db.database);
  });

  const facts = () => alertFacts(db);
  const states = () => db.rows('SELECT state, held_by, ending, incidents FROM alerts ORDER BY id');
  const moveBack = (interval: string) =>
    db.psql.query(
      `UPDATE alerts SET started_at = started_at - $1::interval, noticed_at = noticed_at - $1::interval,
         opened_at = opened_at - $1::interval, due_at = due_at - $1::interval,
         channels = (SELECT coalesce(jsonb_agg(jsonb_set(channel, '{nextMs}',
           coalesce(to_jsonb((channel ->> 'nextMs')::float8 - extract(epoch FROM $1::interval) * 1000), 'null'))), '[]')
           FROM jsonb_array_elements(channels) AS channel)`,
      [interval],
    );

  it('go to every channel whose labels the target has, and to no other', async () => {
    const { addTarget, addChannel, goDown } = facts();
    const target = await addTarget({ labels: '{"team": "web", "env": "live"}', name: 'Shop' });
    await addChannel('all');
    await addChannel('web', { labels: '{"team": "web"}' });
    await addChannel('db', { labels: '{"team": "db"}' });
    await goDown(target);
    const messages = await alerting.deliver();
    expect(messages.map(({ channel }) => channel).sort()).to.deep.equal(['all', 'web']);
    expect(messages[0]?.told[0]).to.deep.include({
      news: 'opened',
      kind: 'down',
      title: 'Shop',
      cause: 'http_status',
      detail: 'the final status is 503',
      untilMs: null,
      target: { id: target, key: null, url: 'http://localhost:1/', labels: { team: 'web', env: 'live' } },
    });
    expect(messages[0]?.counts).to.deep.equal([
      { news: 'opened', kind: 'down', cause: 'http_status', ending: null, count: 1 },
    ]);
  });

  it('are told once, however often anybody looks', async () => {
    const { addTarget, addChannel, goDown } = facts();
    await addChannel('all');
    await goDown(await addTarget());
    expect(await alerting.deliver()).to.have.length(1);
    expect(await alerting.deliver()).to.deep.equal([]);
  });

  it('wait a second for others, and then open together, those that have waited for less too', async () => {
    const patient = handDrivenAlerting(db.database, { lingerMs: 1_000 });
    const { addTarget, addChannel, goDown } = facts();
    await addChannel('all');
    await goDown(await addTarget());
    expect((await patient.advance()).nextDueInMs).to.be.within(1, 1_000);
    await db.psql.query('UPDATE alerts SET due_at = now()'); // the second is over
    await goDown(await addTarget({ url: 'http://localhost:2/' }));
    expect(await patient.advance()).to.deep.equal({
      opened: 2,
      closed: 0,
      nextDueInMs: Number.POSITIVE_INFINITY,
    });
  });

  it('end with "resolved" once the target has been up for the recovery period', async () => {
    const { addTarget, addChannel, goDown, comeUp } = facts();
    const target = await addTarget();
    await addChannel('all');
    await goDown(target, '10 min');
    await alerting.deliver();
    await comeUp(target, '1 min');
    expect(await alerting.deliver()).to.deep.equal([]);
    expect(await states()).to.deep.equal([
      { state: 'recovering', held_by: null, ending: null, incidents: 1 },
    ]);
    await db.psql.query("UPDATE incidents SET ended_at = ended_at - interval '3 min'");
    await db.psql.query('UPDATE alerts SET due_at = now()');
    expect((await alerting.deliver()).map(gist)).to.deep.equal([`resolved ${target}`]);
    expect(await states()).to.deep.equal([
      { state: 'closed', held_by: null, ending: 'recovered', incidents: 1 },
    ]);
  });

  it('end with "resolved" even if their incident is no longer kept', async () => {
    const { addTarget, addChannel, goDown, comeUp } = facts();
    const target = await addTarget();
    await addChannel('all');
    await goDown(target, '10 min');
    await alerting.deliver();
    await comeUp(target);
    await alerting.advance();
    await db.psql.query('DELETE FROM incidents');
    await db.psql.query("UPDATE alerts SET ended_at = ended_at - interval '3 min', due_at = now()");
    expect((await alerting.deliver()).map(gist)).to.deep.equal([`resolved ${target}`]);
  });

  it('are looked at a few at a time if there are many channels', async () => {
    const { addTarget, goDown } = facts();
    await db.psql.query(
      "INSERT INTO channels (name, url) SELECT 'c' || number, 'pagerduty://KEY' FROM generate_series(1, 1000) AS number",
    );
    for (let number = 0; number < 60; number += 1)
      await goDown(await addTarget({ url: `http://localhost:1/${number}` }));
    expect(await alerting.advance()).to.deep.include({ opened: 50, nextDueInMs: 0 });
    expect(await alerting.advance()).to.deep.include({ opened: 10, nextDueInMs: Number.POSITIVE_INFINITY });
    expect(await db.rows('SELECT count(*)::integer FROM deliveries')).to.deep.equal([{ count: 60_000 }]);
  });

  it('go on while somebody is acknowledging one of them', async () => {
    const { addTarget, addChannel, goDown } = facts();
    await addChannel('all', { reminder: '10 min' });
    await goDown(await addTarget());
    await alerting.deliver();
    await moveBack('11 min'); // a reminder is due
    await goDown(await addTarget({ url: 'http://localhost:2/' }));
    await db.psql.query('BEGIN');
    await db.psql.query("SELECT acknowledge_alerts('{1}', 'ann')");
    expect((await alerting.deliver()).map(gist)).to.deep.equal(['opened 2']);
    await db.psql.query('COMMIT');
    expect((await alerting.deliver()).map(gist)).to.deep.equal(['acknowledged 1']);
  });

  it('span several incidents in a row', async () => {
    const { addTarget, addChannel, goDown, comeUp } = facts();
    const target = await addTarget();
    await addChannel('all');
    await goDown(target, '3 min');
    await alerting.deliver();
    await comeUp(target, '2 min');
    await alerting.advance();
    await goDown(target, '1 min');
    expect(await alerting.deliver()).to.deep.equal([]);
    expect(await states()).to.deep.equal([{ state: 'open', held_by: null, ending: null, incidents: 2 }]);
  });

  it('close as paused or deleted with their target, and still know its name', async () => {
    const { addTarget, addChannel, goDown } = facts();
    await addChannel('all');
    const [paused, deleted] = [
      await addTarget({ name: 'A' }),
      await addTarget({ name: 'B', url: 'http://localhost:2/' }),
    ];
    await goDown(paused);
    await goDown(deleted);
    await alerting.deliver();
    await db.psql.query('UPDATE monitored_targets SET enabled = false WHERE id = $1', [paused]);
    await db.psql.query('DELETE FROM monitored_targets WHERE id = $1', [deleted]);
    const told = (await alerting.deliver()).flatMap(message => message.told);
    expect(told.map(({ title, ending, news }) => [title, news, ending])).to.deep.equal([
      ['A', 'resolved', 'paused'],
      ['B', 'resolved', 'deleted'],
    ]);
  });

  it('are held while a silence is on, and while their parent is down', async () => {
    const { addTarget, addChannel, goDown } = facts();
    await addChannel('all');
    const parent = await addTarget({ key: 'router' });
    const child = await addTarget({ url: 'http://localhost:2/', depends_on: parent });
    const silenced = await addTarget({ url: 'http://localhost:3/', key: 'quiet' });
    await db.psql.query(
      "INSERT INTO silences (name, keys, ends_at) VALUES ('deploy', '{quiet}', now() + interval '1 h')",
    );
    await goDown(parent);
    await goDown(child);
    await goDown(silenced);
    expect((await alerting.deliver()).map(gist)).to.deep.equal([`opened ${parent}`]);
    expect(await states()).to.have.deep.members([
      { state: 'open', held_by: null, ending: null, incidents: 1 },
      { state: 'held', held_by: 'parent', ending: null, incidents: 1 },
      { state: 'held', held_by: 'silence', ending: null, incidents: 1 },
    ]);
  });

  it('of children are looked at again when the parent is up', async () => {
    const { addTarget, addChannel, goDown, comeUp } = facts();
    await addChannel('all');
    const parent = await addTarget();
    const child = await addTarget({ url: 'http://localhost:2/', depends_on: parent });
    await goDown(parent, '1 min');
    await goDown(child, '1 min');
    await alerting.deliver();
    await comeUp(parent);
    expect((await alerting.deliver()).map(gist)).to.deep.equal([`opened ${child}`]);
  });

  it('of a worker that lost at least twenty targets, and half of those it knows, are held', async () => {
    const { addTarget, addChannel } = facts();
    await addChannel('all');
    await db.psql.query(
      `INSERT INTO workers (instance_id, name, version, started_at, lag_ms, running, places, slow, slow_places, targets_known, targets_down)
       VALUES (gen_random_uuid(), 'w1', '1', now(), 0, 0, 1, 0, 1, 30, 0), (gen_random_uuid(), 'w2', '1', now(), 0, 0, 1, 0, 1, 50, 0)`,
    );
    for (const worker of ['w1', 'w2'])
      for (let number = 0; number < 20; number += 1) {
        const target = await addTarget({ url: `http://localhost:1/${worker}/${number}` });
        await db.psql.query(
          `WITH down AS (INSERT INTO incidents (target_id, started_at, cause, detail) VALUES ($1, now(), 'connect_timeout', 'x') RETURNING *)
           INSERT INTO failure_log (target_id, scheduled_at, cause, detail, worker, target_snapshot)
           SELECT target_id, started_at, cause, detail, $2, '{}' FROM down`,
          [target, worker],
        );
      }
    const told = (await alerting.deliver()).flatMap(message => message.told);
    expect(told).to.have.length(20);
    expect(told.every(({ target }) => target?.url.includes('w2'))).to.equal(true);
    await moveBack('2 min 1 s');
    const late = (await alerting.deliver()).flatMap(message => message.told);
    expect(late.map(({ mayBeOurNetwork }) => mayBeOurNetwork)).to.deep.equal(Array(20).fill(true));
  });

  it('are repeated and escalated as their channels say, until they are acknowledged', async () => {
    const { addTarget, addChannel, goDown } = facts();
    await addChannel('chat', { reminder: '10 min' });
    await addChannel('pager', { delay: '30 min' });
    await goDown(await addTarget());
    expect(await alerting.deliver()).to.have.length(1);
    await moveBack('11 min');
    expect((await alerting.deliver()).map(gist)).to.deep.equal(['reminder 1']);
    await db.psql.query("SELECT acknowledge_alerts('{1}', 'ann')");
    await moveBack('30 min');
    await alerting.deliver(); // webhooks hear of the acknowledgement
    await moveBack('30 min');
    expect(await alerting.deliver()).to.deep.equal([]);
  });

  it('of a condition go to channels other than the one that it is about', async () => {
    const { addChannel } = facts();
    await addChannel('broken');
    await addChannel('other');
    await db.psql.query(
      "INSERT INTO conditions (kind, subject, cause, detail) VALUES ('channel', 'broken', 'channel_failing', 'status 500')",
    );
    const [message, ...more] = await alerting.deliver();
    expect(more).to.deep.equal([]);
    expect(message?.channel).to.equal('other');
    expect(message?.told[0]).to.deep.include({ kind: 'channel', title: 'broken', target: null });
    await db.psql.query('UPDATE conditions SET ended_at = now()');
    expect((await alerting.deliver()).map(gist)).to.deep.equal(['resolved ours']);
  });

  it('leave recording alone: nothing of theirs is read or locked by it', async () => {
    const { addTarget, addChannel, goDown } = facts();
    await addChannel('all');
    const target = await addTarget();
    await db.database.transaction(async query => {
      await query('SELECT FROM website_monitor.alerting_turn FOR UPDATE');
      await query('LOCK website_monitor.alerts, website_monitor.deliveries IN ACCESS EXCLUSIVE MODE');
      await goDown(target);
    });
    expect(await alerting.deliver()).to.have.length(1);
  });
});
