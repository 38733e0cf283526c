import { expect } from 'chai';
import {
  ACCEPTED,
  alertFacts,
  emptyAlerting,
  GONE,
  gist,
  type HandDrivenAlerting,
  handDrivenAlerting,
  NO_ANSWER,
  REFUSED,
  UNREACHABLE,
} from '../../support/alerting.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

const SLACK = { url: 'slack+http://127.0.0.1:1/x' };
const PAGER = { url: 'pagerduty://KEY' };

describe('Deliveries', () => {
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

  const states = () =>
    db.rows('SELECT news, state, may_have_arrived AS maybe, attempts FROM deliveries ORDER BY id');
  const tryAgain = () => db.psql.query('UPDATE channel_queues SET not_before = now()');
  /** The worker that leased was killed: its leases run out */
  const expire = () => db.psql.query('UPDATE channel_queues SET leased_until = now()');
  /** For a lock of psql's transaction */
  const untilItWaits = async (): Promise<void> => {
    const blocked =
      'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
    while ((await db.rows(blocked)).length === 0);
  };
  const onlyBatch = async () => {
    const [batch, ...more] = await alerting.lease();
    if (!batch || more.length > 0) throw new Error(`${more.length + Number(batch !== undefined)} channels`);
    return batch;
  };
  const { addTarget, addChannel, goDown, comeUp } = new Proxy({} as ReturnType<typeof alertFacts>, {
    get:
      (_, name: keyof ReturnType<typeof alertFacts>) =>
      (...args: [string]) =>
        (alertFacts(db)[name] as (...given: [string]) => Promise<string>)(...args),
  });
  const addTargets = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let number = 0; number < count; number += 1)
      ids.push(await addTarget({ url: `http://localhost:1/${number}` }));
    return ids;
  };
  const recover = async (target: string): Promise<void> => {
    await comeUp(target, '1 h');
    await db.psql.query('UPDATE incidents SET ended_at = started_at WHERE ended_at IS NOT NULL');
  };

  it('have one sender per channel at a time', async () => {
    await addChannel('pager', PAGER);
    const [one, two] = await addTargets(2);
    await goDown(String(one));
    await alerting.advance();
    await onlyBatch();
    await goDown(String(two));
    await alerting.advance();
    expect(await alerting.lease()).to.deep.equal([]);
  });

  it('keep the id of a message that a killed worker may have sent, and what it said', async () => {
    await addChannel('chat', SLACK);
    const [one, two] = await addTargets(2);
    await goDown(String(one));
    await alerting.advance();
    const [lost] = (await onlyBatch()).messages;
    await goDown(String(two));
    await alerting.advance();
    await expire();
    const [again, ...more] = (await onlyBatch()).messages;
    expect(more).to.deep.equal([]);
    expect(again?.id).to.equal(lost?.id);
    expect(again && gist(again)).to.equal(`opened ${one}`);
  });

  it('are recorded as sent even by a worker that lost its lease, so that nobody sends them again', async () => {
    await addChannel('pager', PAGER);
    await goDown(await addTarget());
    await alerting.advance();
    const slow = await onlyBatch();
    await expire();
    const other = await onlyBatch();
    await alerting.record(slow, ACCEPTED);
    expect(await states()).to.deep.equal([{ news: 'opened', state: 'sent', maybe: true, attempts: 2 }]);
    await alerting.record(other, UNREACHABLE);
    expect(await states()).to.deep.equal([{ news: 'opened', state: 'sent', maybe: true, attempts: 2 }]);
  });

  it('to a channel that people read are gathered: one message, of which each alert is part once', async () => {
    await addChannel('chat', SLACK);
    for (const target of await addTargets(25)) await goDown(target);
    const [message, ...more] = await alerting.deliver();
    expect(more).to.deep.equal([]);
    expect(message?.told).to.have.length(20);
    expect(message?.counts).to.deep.equal([
      { news: 'opened', kind: 'down', cause: 'http_status', ending: null, count: 25 },
    ]);
    expect(await alerting.deliver()).to.deep.equal([]);
  });

  it('to a channel that people read keep their interval', async () => {
    alerting = handDrivenAlerting(db.database, { alertIntervalMs: 60_000 });
    await addChannel('chat', SLACK);
    const [one, two] = await addTargets(2);
    await goDown(String(one));
    expect(await alerting.deliver()).to.have.length(1);
    await goDown(String(two));
    expect(await alerting.deliver()).to.deep.equal([]);
    await tryAgain();
    expect((await alerting.deliver()).map(gist)).to.deep.equal([`opened ${two}`]);
  });

  it('to a pager are one message per alert, in order for each target', async () => {
    await addChannel('pager', PAGER);
    const [one, two] = await addTargets(2);
    await goDown(String(one), '10 min');
    await goDown(String(two), '10 min');
    await alerting.advance();
    await recover(String(one));
    await alerting.advance();
    const batch = await onlyBatch();
    expect(batch.messages.map(gist)).to.deep.equal([`opened ${one}`, `opened ${two}`]);
    await alerting.record(batch, ACCEPTED, ACCEPTED);
    expect((await onlyBatch()).messages.map(gist)).to.deep.equal([`resolved ${one}`]);
  });

  describe('that fail', () => {
    it('are tried again after a pause, which an edit of the channel ends', async () => {
      const channel = await addChannel('chat', SLACK);
      await goDown(await addTarget());
      expect(await alerting.deliver(() => UNREACHABLE)).to.have.length(1);
      expect(await alerting.lease()).to.deep.equal([]);
      await db.psql.query("UPDATE channels SET url = 'slack+http://127.0.0.1:2/y' WHERE id = $1", [channel]);
      expect((await onlyBatch()).messages).to.have.length(1);
    });

    it('wait for as long as the receiver asks', async () => {
      await addChannel('chat', SLACK);
      await goDown(await addTarget());
      await alerting.deliver(() => ({ ...UNREACHABLE, retryAfterMs: 600_000 }));
      const [queue] = await db.rows(
        'SELECT extract(epoch FROM not_before - now())::integer BETWEEN 590 AND 600 AS fits FROM channel_queues',
      );
      expect(queue).to.deep.equal({ fits: true });
    });

    it('are tried one at a time where each alert has a message of its own', async () => {
      await addChannel('pager', PAGER);
      for (const target of await addTargets(3)) await goDown(target);
      await alerting.deliver(() => UNREACHABLE);
      await tryAgain();
      const batch = await onlyBatch();
      expect(batch.messages.map(gist)).to.deep.equal(['opened 1']);
      await alerting.record(batch, ACCEPTED);
      await tryAgain();
      expect((await onlyBatch()).messages.map(gist)).to.deep.equal(['opened 2', 'opened 3']);
    });

    it('go out again under the same id if they may have arrived, and are gathered again if they surely did not', async () => {
      await addChannel('chat', SLACK);
      const [one, two, three] = await addTargets(3);
      await goDown(String(one));
      const [first] = await alerting.deliver(() => UNREACHABLE);
      await goDown(String(two));
      await tryAgain();
      const [second] = await alerting.deliver(() => NO_ANSWER);
      expect(second && gist(second)).to.equal(`opened ${one}, opened ${two}`);
      expect(second?.id).not.to.equal(first?.id);
      await goDown(String(three));
      await tryAgain();
      const [third] = await alerting.deliver(() => UNREACHABLE);
      expect(third?.id).to.equal(second?.id);
      await tryAgain();
      const [fourth] = await alerting.deliver();
      expect(fourth?.id).to.equal(second?.id);
      await tryAgain();
      expect((await alerting.deliver()).map(gist)).to.deep.equal([`opened ${three}`]);
    });

    it('are told as a whole once the alert is over', async () => {
      await addChannel('chat', SLACK);
      const target = await addTarget();
      await goDown(target, '10 min');
      await alerting.deliver(() => UNREACHABLE);
      await recover(target);
      await tryAgain();
      expect((await alerting.deliver()).map(gist)).to.deep.equal([`resolved whole ${target}`]);
      expect(await states()).to.deep.equal([
        { news: 'opened', state: 'sent', maybe: false, attempts: 2 },
        { news: 'resolved', state: 'sent', maybe: false, attempts: 1 },
      ]);
    });

    it('are dead letters after a day, which can be sent again', async () => {
      const channel = await addChannel('chat', SLACK);
      await goDown(await addTarget());
      await alerting.deliver(() => NO_ANSWER);
      await db.psql.query("UPDATE deliveries SET created_at = now() - interval '25 h'");
      await tryAgain();
      await alerting.deliver(() => UNREACHABLE);
      expect(await states()).to.deep.equal([{ news: 'opened', state: 'dead', maybe: true, attempts: 2 }]);
      await db.psql.query('SELECT resend_deliveries($1)', [channel]);
      expect((await alerting.deliver()).map(gist)).to.deep.equal(['opened 1']);
    });
  });

  describe('that are refused', () => {
    it('are dead, each alone', async () => {
      await addChannel('pager', PAGER);
      for (const target of await addTargets(2)) await goDown(target);
      await alerting.deliver(({ told: [{ target }] }) => (target?.id === '1' ? REFUSED : ACCEPTED));
      expect((await states()).map(({ state }) => state)).to.deep.equal(['dead', 'sent']);
    });

    it('leave nothing to resolve, since nobody heard of the opening', async () => {
      await addChannel('chat', SLACK);
      const target = await addTarget();
      await goDown(target, '10 min');
      await alerting.deliver(() => REFUSED);
      await recover(target);
      expect(await alerting.deliver()).to.deep.equal([]);
      expect((await states()).map(({ state }) => state)).to.deep.equal(['dead', 'dropped']);
    });

    it('are sent again on request with the end that was dropped, gathered into one message', async () => {
      const channel = await addChannel('chat', SLACK);
      const [one, two] = await addTargets(2);
      await goDown(String(one), '10 min');
      await alerting.deliver(() => REFUSED);
      await goDown(String(two));
      await alerting.deliver(() => REFUSED);
      await recover(String(one));
      await alerting.deliver();
      await db.psql.query('SELECT resend_deliveries($1)', [channel]);
      expect((await alerting.deliver()).map(gist)).to.deep.equal([`opened ${two}, resolved whole ${one}`]);
      expect((await states()).map(({ maybe }) => maybe)).to.deep.equal([false, false, false]);
    });

    it('are sent again to a pager in order, so that what it is told of also ends', async () => {
      const channel = await addChannel('pager', PAGER);
      const target = await addTarget();
      await goDown(target, '10 min');
      await alerting.advance();
      const batch = await onlyBatch();
      await recover(target);
      await alerting.advance();
      await alerting.record(batch, REFUSED); // drops the end, which waits
      await db.psql.query('SELECT resend_deliveries($1)', [channel]);
      expect((await alerting.deliver()).map(gist)).to.deep.equal([`opened ${target}`]);
      expect((await alerting.deliver()).map(gist)).to.deep.equal([`resolved ${target}`]);
    });

    it('are resolved all the same if an attempt before may have arrived', async () => {
      await addChannel('chat', SLACK);
      const target = await addTarget();
      await goDown(target, '10 min');
      await alerting.deliver(() => NO_ANSWER);
      await tryAgain();
      await alerting.deliver(() => REFUSED);
      await recover(target);
      expect((await alerting.deliver()).map(gist)).to.deep.equal([`resolved ${target}`]);
    });

    it('disable a channel that is gone, until it is edited', async () => {
      await addChannel('chat', SLACK);
      const [one, two] = await addTargets(2);
      await goDown(String(one));
      await alerting.deliver(() => GONE);
      const channel = () => db.rows('SELECT enabled, problem FROM channels');
      expect(await channel()).to.deep.equal([{ enabled: false, problem: 'status 410' }]);
      await db.psql.query('UPDATE channels SET enabled = true');
      expect(await channel()).to.deep.equal([{ enabled: true, problem: null }]);
      await goDown(String(two));
      expect(await alerting.deliver()).to.have.length(1);
    });
  });

  it('under way while their channel is edited are recorded, and what comes next goes to the new address', async () => {
    const channel = await addChannel('pager', PAGER);
    const [one, two] = await addTargets(2);
    await goDown(String(one));
    await alerting.advance();
    const batch = await onlyBatch();
    await db.psql.query("UPDATE channels SET url = 'pagerduty://OTHER' WHERE id = $1", [channel]);
    await goDown(String(two));
    await alerting.advance();
    expect(await alerting.lease()).to.deep.equal([]);
    await alerting.record(batch, ACCEPTED);
    const next = await onlyBatch();
    expect([next.channel.url, next.messages.map(gist)]).to.deep.equal([
      'pagerduty://OTHER',
      [`opened ${two}`],
    ]);
  });

  it('that the old address of an edited channel refuses for good do not disable the new one', async () => {
    await addChannel('pager', PAGER);
    await goDown(await addTarget());
    await alerting.advance();
    const batch = await onlyBatch();
    await db.psql.query("UPDATE channels SET url = 'pagerduty://OTHER'");
    await alerting.record(batch, GONE);
    expect(await db.rows('SELECT enabled, problem FROM channels')).to.deep.equal([
      { enabled: true, problem: null },
    ]);
  });

  it('that disable a channel wait for those who edit it, without a deadlock', async () => {
    await addChannel('pager', PAGER);
    await goDown(await addTarget());
    await alerting.advance();
    const batch = await onlyBatch();
    await db.psql.query('BEGIN');
    await db.psql.query('SELECT FROM channels FOR UPDATE');
    const recorded = alerting.record(batch, GONE);
    await untilItWaits();
    await db.psql.query("UPDATE channels SET url = 'pagerduty://OTHER'");
    await db.psql.query('COMMIT');
    await recorded;
    expect((await states()).map(({ state }) => state)).to.deep.equal(['dead']);
  });

  it('are recorded without a deadlock while their lease is lost to another worker', async () => {
    await addChannel('pager', PAGER);
    await goDown(await addTarget());
    await alerting.advance();
    const batch = await onlyBatch();
    await db.psql.query('BEGIN');
    await db.psql.query('SELECT FROM channel_queues FOR UPDATE'); // first the queue, then what waits, as a lease does
    const recorded = alerting.record(batch, ACCEPTED);
    await untilItWaits();
    await db.psql.query('SELECT FROM deliveries FOR UPDATE');
    await db.psql.query('COMMIT');
    await recorded;
    expect((await states()).map(({ state }) => state)).to.deep.equal(['sent']);
  });

  it('of a channel that somebody is editing are looked for again in a second, and not at once', async () => {
    const channel = await addChannel('pager', PAGER);
    await goDown(await addTarget());
    await alerting.advance();
    await db.psql.query('BEGIN');
    try {
      await db.psql.query("UPDATE channels SET url = 'pagerduty://OTHER' WHERE id = $1", [channel]);
      expect(await alerting.pass()).to.deep.equal({ batches: [], nextDueInMs: 1_000 });
    } finally {
      await db.psql.query('ROLLBACK');
    }
  });

  it('that a disabled channel kept for more than a day are dead letters once it is enabled, newer ones are sent', async () => {
    await addChannel('pager', PAGER);
    const [one, two] = await addTargets(2);
    await goDown(String(one), '10 min');
    await goDown(String(two));
    await alerting.advance();
    await recover(String(one));
    await alerting.advance();
    await db.psql.query('UPDATE channels SET enabled = false');
    await db.psql.query("UPDATE deliveries SET created_at = now() - interval '25 h' WHERE id = 1");
    await db.psql.query('UPDATE channels SET enabled = true');
    expect((await alerting.deliver()).map(gist)).to.deep.equal([`opened ${two}`]);
    expect(await alerting.deliver()).to.deep.equal([]);
    expect(await db.rows('SELECT news, state, problem FROM deliveries ORDER BY id')).to.deep.equal([
      { news: 'opened', state: 'dead', problem: 'the channel was disabled for more than a day' },
      { news: 'opened', state: 'sent', problem: null },
      { news: 'resolved', state: 'dropped', problem: null },
    ]);
  });

  it('under way while their channel is removed are over', async () => {
    await addChannel('pager', PAGER);
    await goDown(await addTarget());
    await alerting.advance();
    const batch = await onlyBatch();
    await db.psql.query('DELETE FROM channels');
    await alerting.record(batch, NO_ANSWER);
    expect((await states()).map(({ state }) => state)).to.deep.equal(['dropped']);
    expect(await alerting.lease()).to.deep.equal([]);
  });

  it('to a channel that is removed are dropped, and held for one that is disabled', async () => {
    await addChannel('one', SLACK);
    await addChannel('two', SLACK);
    await goDown(await addTarget());
    await alerting.advance();
    await db.psql.query(
      "UPDATE channels SET enabled = false WHERE name = 'one'; DELETE FROM channels WHERE name = 'two'",
    );
    expect(await alerting.lease()).to.deep.equal([]);
    expect((await states()).map(({ state }) => state)).to.deep.equal(['waiting', 'dropped']);
  });
});
