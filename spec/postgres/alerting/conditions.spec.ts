import { expect } from 'chai';
import { NEVER, startWith } from 'rxjs';
import { keepConditions } from '../../../lib/postgres/upkeep/keep-conditions.ts';
import { statement } from '../../../lib/sql/sql-file.ts';
import { alertFacts, emptyAlerting, handDrivenAlerting } from '../../support/alerting.ts';
import { askUntil } from '../../support/ask-until.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';

const UNKNOWN_AFTER_MS = 900_000;

describe('Conditions', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    await emptyAlerting(db);
    await db.psql.query("TRUNCATE unknown_targets; UPDATE upkeep_turns SET taken_at = '-infinity'");
  });

  const facts = () => alertFacts(db);
  const keep = async (days: readonly number[] = [14, 7, 3, 1], everyMs = 0): Promise<void> => {
    await db.database.query(statement('keep-conditions'), [days, UNKNOWN_AFTER_MS, everyMs]);
  };
  const open = () =>
    db.rows(
      'SELECT kind, target_id, subject, cause, level FROM conditions WHERE ended_at IS NULL ORDER BY id',
    );
  const details = async () =>
    (
      await db.rows<{ detail: string }>('SELECT detail FROM conditions WHERE ended_at IS NULL ORDER BY id')
    ).map(({ detail }) => detail);
  const recorded = async (target: string, outcome: string, ago: string, totalMs = 1): Promise<void> => {
    await db.psql.query(
      `INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut, cause)
       SELECT $1, now() - $3::interval, now() - $3::interval, $2::check_outcome, 1, $4, false,
         (CASE $2 WHEN 'up' THEN NULL WHEN 'down' THEN 'http_status' ELSE 'resolver_unavailable' END)::check_cause`,
      [target, outcome, ago, totalMs * 1_000],
    );
  };

  describe('of certificates', () => {
    const presents = (target: string, expiresIn: string) =>
      db.psql.query(
        `INSERT INTO target_certificates (target_id, expires_at, host, subject, issuer, fingerprint_sha256, first_seen_at)
         VALUES ($1, now() + $2::interval, 'shop.example', 's', 'i', 'f', now())
         ON CONFLICT (target_id) DO UPDATE SET expires_at = excluded.expires_at`,
        [target, expiresIn],
      );

    it('are told at 14, 7, 3 and 1 days, once each, and end with the renewal', async () => {
      const { addTarget, addChannel } = facts();
      const alerting = handDrivenAlerting(db.database);
      await addChannel('all');
      const target = await addTarget({ url: 'https://shop.example/' });
      const told: string[] = [];
      for (const expiresIn of ['20 d', '13 d', '12 d', '6 d', '5 d', '2 d', '20 h', '19 h', '-1 h', '90 d']) {
        await presents(target, expiresIn);
        await keep();
        await keep();
        const news = (await alerting.deliver()).flatMap(message => message.told.map(one => one.news));
        told.push(`${expiresIn}: ${news.join()}`);
      }
      expect(told).to.deep.equal([
        '20 d: ',
        '13 d: opened',
        '12 d: ',
        '6 d: reminder',
        '5 d: ',
        '2 d: reminder',
        '20 h: reminder',
        '19 h: ',
        '-1 h: ',
        '90 d: resolved',
      ]);
    });

    it('name the host and the day, and are none of those of paused targets, nor where they are turned off', async () => {
      const { addTarget } = facts();
      const target = await addTarget({ url: 'https://shop.example/' });
      await presents(target, '10 d');
      await keep([]);
      expect(await open()).to.deep.equal([]);
      await keep();
      expect(await open()).to.deep.equal([
        { kind: 'certificate', target_id: target, subject: '', cause: 'certificate_expires', level: 1 },
      ]);
      expect((await details())[0]).to.match(
        /^the certificate of shop\.example expires on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
      );
      await db.psql.query('UPDATE monitored_targets SET enabled = false');
      await keep();
      expect(await open()).to.deep.equal([]);
    });
  });

  it('of patterns begin when one is set aside, and end when it is edited', async () => {
    const target = await facts().addTarget({ regex_pattern: 'a.b' });
    await db.psql.query("UPDATE monitored_targets SET regex_problem = 'set aside: overran its limit'");
    await keep();
    expect(await open()).to.deep.equal([
      { kind: 'pattern', target_id: target, subject: '', cause: 'regex_set_aside', level: 0 },
    ]);
    await db.psql.query("UPDATE monitored_targets SET regex_pattern = 'abc'");
    await keep();
    expect(await open()).to.deep.equal([]);
  });

  describe('of unknown targets', () => {
    const isUnknown = async (target: string, ...ago: string[]): Promise<void> => {
      for (const one of ago) await recorded(target, 'unknown', one);
      const [slot] = await db.rows<{ at: string }>(
        'SELECT min(scheduled_at)::text AS at FROM check_results WHERE target_id = $1',
        [target],
      );
      await db.database.query(statement('record-unknown'), [[target], [slot?.at]]);
    };

    it('are one for each cause, counted, with a few names', async () => {
      const { addTarget } = facts();
      for (let number = 1; number <= 5; number += 1)
        await isUnknown(
          await addTarget({ url: `http://localhost:${number}/?q`, check_interval: '5 min' }),
          '16 min',
          '1 min',
        );
      await keep();
      expect(await open()).to.deep.equal([
        {
          kind: 'unknown',
          target_id: null,
          subject: 'resolver_unavailable',
          cause: 'resolver_unavailable',
          level: 0,
        },
      ]);
      expect(await details()).to.deep.equal([
        '5 targets: http://localhost:1/, http://localhost:2/, http://localhost:3/ and 2 more',
      ]);
    });

    it('begin after the time that is set, end with a check that is known, and are not told of what is down', async () => {
      const { addTarget, goDown } = facts();
      const target = await addTarget({ check_interval: '5 min' });
      await isUnknown(target, '10 min', '1 min');
      await keep();
      expect(await open()).to.deep.equal([]);
      await db.psql.query("UPDATE unknown_targets SET since = since - interval '6 min'");
      await goDown(target);
      await keep();
      expect(await open()).to.deep.equal([]);
      await db.psql.query('UPDATE incidents SET ended_at = now()');
      await keep();
      expect(await open()).to.have.length(1);
      await recorded(target, 'down', '0');
      await keep();
      expect(await open()).to.deep.equal([]);
      expect(await db.rows('SELECT FROM unknown_targets')).to.deep.equal([]);
    });

    it('say so where nobody checks them', async () => {
      const target = await facts().addTarget({ name: 'Shop' });
      await db.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '17 min'");
      await keep();
      expect(await open()).to.deep.equal([
        { kind: 'unknown', target_id: null, subject: 'not_checked', cause: 'not_checked', level: 0 },
      ]);
      expect(await details()).to.deep.equal(['1 target: Shop']);
      await db.psql.query('DELETE FROM monitored_targets WHERE id = $1', [target]);
      await keep();
      expect(await open()).to.deep.equal([]);
    });
  });

  describe('of channels', () => {
    const queue = (set: string) => db.psql.query(`UPDATE channel_queues SET ${set}`);
    const isOpen = async (cause: string): Promise<void> => {
      expect(await open()).to.deep.equal([
        { kind: 'channel', target_id: null, subject: 'ops', cause, level: 0 },
      ]);
    };

    it('begin when one has failed for five minutes, and end when it accepts a message', async () => {
      await facts().addChannel('ops');
      await queue("failing_since = now() - interval '4 min', failures = 3, problem = 'status 500'");
      await keep();
      expect(await open()).to.deep.equal([]);
      await queue("failing_since = now() - interval '6 min'");
      await keep();
      await isOpen('channel_failing');
      expect(await details()).to.deep.equal(['status 500']);
      await queue('failing_since = NULL');
      await keep();
      await isOpen('channel_failing');
      await queue('sent_at = now()');
      await keep();
      expect(await open()).to.deep.equal([]);
    });

    it('begin when the service disabled one, not when a person did', async () => {
      await facts().addChannel('ops');
      await db.psql.query('UPDATE channels SET enabled = false');
      await keep();
      expect(await open()).to.deep.equal([]);
      await db.psql.query("UPDATE channels SET enabled = false, problem = 'status 410'");
      await keep();
      await isOpen('channel_disabled');
      await db.psql.query('DELETE FROM channels');
      await keep();
      expect(await open()).to.deep.equal([]);
    });

    for (const [edit, ending] of [
      ['UPDATE channel_queues SET failing_since = NULL, sent_at = now()', 'recovered'],
      ["UPDATE channels SET enabled = false WHERE name = 'ops'", 'paused'],
      ["DELETE FROM channels WHERE name = 'ops'", 'deleted'],
    ] as const)
      it(`end as ${ending}`, async () => {
        const { addChannel } = facts();
        const alerting = handDrivenAlerting(db.database);
        await addChannel('ops');
        await queue("failing_since = now() - interval '6 min', failures = 3, problem = 'status 500'");
        await addChannel('other');
        await keep();
        await alerting.deliver();
        await db.psql.query(edit);
        await keep();
        const told = (await alerting.deliver()).flatMap(message => message.told);
        expect(told.map(one => [one.news, one.ending])).to.deep.equal([['resolved', ending]]);
      });

    it('begin with a dead letter of the last hour, and go to the other channels', async () => {
      const { addChannel, addTarget, goDown } = facts();
      const alerting = handDrivenAlerting(db.database);
      await addChannel('ops');
      await goDown(await addTarget());
      await alerting.deliver(() => ({ kind: 'refused', problem: 'status 400', isGone: false }));
      await addChannel('other');
      await keep();
      await isOpen('channel_failing');
      const messages = await alerting.deliver();
      expect(messages.map(({ channel, told }) => [channel, told[0].kind, told[0].title])).to.deep.equal([
        ['other', 'channel', 'ops'],
      ]);
      await db.psql.query("UPDATE deliveries SET finished_at = now() - interval '2 h' WHERE state = 'dead'");
      await queue('sent_at = now()');
      await keep();
      expect(await open()).to.deep.equal([]);
    });
  });

  describe('of slow targets', () => {
    const look = async (target: string): Promise<string> => {
      await db.database.query(statement('record-slow'), [[target]]);
      await db.database.query(statement('record-slow'), [[target]]);
      return (await open()).map(row => row.kind).join();
    };

    it('begin with three known checks that are up and above, and end with three that are not', async () => {
      const target = await facts().addTarget({ slow_above: '500 ms' });
      const story: string[] = [];
      const checks = [
        'slow',
        'slow',
        'unknown',
        'slow',
        'fast',
        'fast',
        'slow',
        'fast',
        'down',
        'fast',
        'fast',
        'fast',
      ];
      for (const [index, check] of checks.entries()) {
        const outcome = check === 'slow' || check === 'fast' ? 'up' : check;
        await recorded(target, outcome, `${50 - index} min`, check === 'slow' ? 501 : 500);
        story.push(`${check} ${await look(target)}`.trim());
      }
      expect(story).to.deep.equal([
        'slow',
        'slow',
        'unknown',
        'slow slow',
        'fast slow',
        'fast slow',
        'slow slow',
        'fast slow',
        'down slow',
        'fast slow',
        'fast slow',
        'fast',
      ]);
      expect(await db.rows('SELECT detail FROM conditions')).to.deep.equal([
        { detail: 'three checks in a row took longer than 500 ms, the last one 501 ms' },
      ]);
    });

    it('end when the target is paused, deleted, or may be as slow as it likes', async () => {
      const target = await facts().addTarget({ slow_above: '500 ms' });
      for (const edit of ['enabled = false', 'slow_above = NULL']) {
        await db.psql.query("UPDATE monitored_targets SET enabled = true, slow_above = '500 ms'");
        await db.psql.query('TRUNCATE check_results');
        for (const ago of ['3 min', '2 min', '1 min']) await recorded(target, 'up', ago, 900);
        expect(await look(target)).to.equal('slow');
        await keep();
        expect(await open()).to.have.length(1);
        await db.psql.query(`UPDATE monitored_targets SET ${edit}`);
        await keep();
        expect(await open()).to.deep.equal([]);
      }
    });
  });

  it('are looked for by one worker at a time, at most once a minute, whatever others read', async () => {
    const { addTarget } = facts();
    await addTarget({ regex_pattern: 'a.b' });
    const reader = await psqlLike(db.dsn);
    await reader.query('BEGIN; SELECT * FROM website_monitor.upkeep_turns');
    await keep([], 55_000);
    await db.psql.query("UPDATE monitored_targets SET regex_problem = 'set aside: overran'");
    await keep([], 55_000);
    expect(await open()).to.deep.equal([]);
    await db.psql.query("UPDATE upkeep_turns SET taken_at = now() - interval '56 s'");
    await reader.query('SELECT * FROM website_monitor.upkeep_turns FOR UPDATE');
    await keep([], 55_000);
    expect(await open()).to.deep.equal([]);
    await reader.end();
    await keep([], 55_000);
    expect(await open()).to.have.length(1);
  });

  it('that are over are kept as long as checks, with their alerts and what was sent', async () => {
    const { addTarget, addChannel } = facts();
    const alerting = handDrivenAlerting(db.database);
    await addChannel('all');
    await addTarget({ regex_pattern: 'a.b' });
    await db.psql.query("UPDATE monitored_targets SET regex_problem = 'set aside: overran'");
    await keep();
    await alerting.deliver();
    await db.psql.query('UPDATE monitored_targets SET regex_problem = NULL');
    await keep();
    await alerting.deliver();
    const left = async () =>
      (
        await db.rows(
          'SELECT (SELECT count(*)::integer FROM conditions) AS conditions, (SELECT count(*)::integer FROM alerts) AS alerts, (SELECT count(*)::integer FROM deliveries) AS deliveries',
        )
      )[0];
    const remove = () => db.database.query(statement('remove-old-alerts'), [90]);
    await remove();
    expect(await left()).to.deep.equal({ conditions: 1, alerts: 1, deliveries: 2 });
    await db.psql.query("UPDATE alerts SET closed_at = now() - interval '91 d'");
    await db.psql.query("UPDATE deliveries SET state = 'waiting' WHERE news = 'resolved'");
    await db.psql.query("UPDATE conditions SET ended_at = now() - interval '89 d'");
    await remove();
    expect(await left()).to.deep.equal({ conditions: 1, alerts: 1, deliveries: 2 });
    await db.psql.query("UPDATE deliveries SET state = 'sent'");
    await db.psql.query("UPDATE conditions SET ended_at = now() - interval '91 d'");
    expect(await remove()).to.deep.equal([{ is_behind: false }]);
    expect(await left()).to.deep.equal({ conditions: 0, alerts: 0, deliveries: 0 });
  });

  it('are kept by any worker to which something happens, which also forgets workers unseen for a day', async () => {
    await facts().addTarget();
    await db.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '1 h'");
    await db.psql.query(
      "INSERT INTO workers VALUES (gen_random_uuid(), 'w', '1', now(), now() - interval '25 h', 0, 0, 1, 0, 1, 0, 0)",
    );
    const running = NEVER.pipe(
      startWith(null),
      keepConditions(db.database, {
        certificateAlertDays: [],
        unknownAfterMs: UNKNOWN_AFTER_MS,
        retentionDays: 90,
        lingerMs: 0,
        onTrouble: error => {
          throw error;
        },
      }),
    ).subscribe();
    await askUntil(async () => (await open()).length === 1);
    running.unsubscribe();
    expect(await db.rows('SELECT FROM workers')).to.deep.equal([]);
  });
});
