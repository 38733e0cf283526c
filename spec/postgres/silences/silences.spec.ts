import { expect } from 'chai';
import { failureOf } from '../../support/failure-of.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';

describe('silences', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  describe('cover', () => {
    const TARGETS = `INSERT INTO monitored_targets (url, key, labels) VALUES
      ('https://a.example', 'a', '{"team": "web", "env": "prod"}'),
      ('https://b.example', 'b', '{"team": "web"}'),
      ('https://c.example', 'c', '{}'),
      ('https://d.example', NULL, '{"team": "db"}')`;

    for (const [columns, covered] of [
      [`(name, labels) VALUES ('one label', '{"team": "web"}')`, [1, 2]],
      [`(name, labels) VALUES ('all of its labels', '{"team": "web", "env": "prod"}')`, [1]],
      [`(name, keys) VALUES ('keys', '{b,c,none}')`, [2, 3]],
      [`(name, labels, keys) VALUES ('labels or keys', '{"team": "db"}', '{a}')`, [1, 4]],
      [`(name, everything) VALUES ('everything', true)`, [1, 2, 3, 4]],
      [`(name, labels) VALUES ('no target', '{"team": "none"}')`, []],
    ] as const) {
      it(`targets: ${columns}`, async () => {
        await db.psql.query(`${TARGETS}; INSERT INTO silences ${columns}`);
        const rows = await db.rows<{ id: number }>(
          `SELECT target.id::integer FROM monitored_targets AS target, silences
           WHERE silence_covers(silences, target.labels, target.key) ORDER BY 1`,
        );
        expect(rows.map(({ id }) => id)).to.deep.equal(covered);
      });
    }
  });

  describe('say in a sentence what is wrong with', () => {
    const RECURRING = 'everything, start_time, duration, time_zone';
    for (const [sentence, columns, values] of [
      ['name must be a line of 1 to 200 characters', 'everything, name', "true, E'a\\nb'"],
      ['a silence needs labels or keys, or everything without them', 'name', "'a'"],
      [
        'a silence needs labels or keys, or everything without them',
        'name, everything, keys',
        "'a', true, '{a}'",
      ],
      ['labels must be an object of strings', 'name, labels', `'a', '{"a": 1}'`],
      ['keys must be at most 1000 keys of targets', 'name, keys', "'a', '{A}'"],
      ['keys must be at most 1000 keys of targets', 'name, keys', "'a', ARRAY['a', NULL]"],
      ['ends_at must be after starts_at', 'name, everything, starts_at, ends_at', "'a', true, now(), now()"],
      [
        'a silence must lie between the years 2000 and 3000',
        'name, everything, ends_at',
        "'a', true, 'infinity'",
      ],
      [
        'weekdays must be from 1 (Monday) to 7 (Sunday)',
        `name, weekdays, ${RECURRING}`,
        "'a', '{0}', true, '2:00', '2 h', 'Europe/Berlin'",
      ],
      [
        'month_days must be from 1 to 31, or -1 for the last',
        `name, month_days, ${RECURRING}`,
        "'a', '{32}', true, '2:00', '2 h', 'Europe/Berlin'",
      ],
      [
        'a silence recurs on weekdays or on month_days, not on both',
        `name, weekdays, month_days, ${RECURRING}`,
        "'a', '{1}', '{1}', true, '2:00', '2 h', 'Europe/Berlin'",
      ],
      [
        'start_time, duration and time_zone are for recurring ones',
        `name, ${RECURRING}`,
        "'a', true, '2:00', '2 h', 'Europe/Berlin'",
      ],
      [
        'start_time, duration and time_zone are for recurring ones',
        'name, everything, weekdays',
        "'a', true, '{1}'",
      ],
      [
        'duration must be from 1 minute to 7 days',
        `name, weekdays, ${RECURRING}`,
        "'a', '{1}', true, '2:00', '7 d 1 s', 'Europe/Berlin'",
      ],
      [
        'duration must not count in months, or be partly negative',
        `name, weekdays, ${RECURRING}`,
        "'a', '{1}', true, '2:00', '8 d -25 h', 'Europe/Berlin'",
      ],
      [
        'time_zone must be an IANA name, as in Europe/Berlin',
        `name, weekdays, ${RECURRING}`,
        "'a', '{1}', true, '2:00', '2 h', 'CET'",
      ],
      [
        'time_zone must be an IANA name, as in Europe/Berlin',
        `name, weekdays, ${RECURRING}`,
        "'a', '{1}', true, '2:00', '2 h', '<+05>-5'",
      ],
    ] as const) {
      it(`(${columns}) VALUES (${values})`, async () => {
        const failure = await failureOf(
          db.psql.query(`INSERT INTO silences (${columns}) VALUES (${values})`),
        );
        expect(failure).to.have.property('constraint', sentence);
      });
    }
  });

  const INSERT = "INSERT INTO silences (name, everything) VALUES ('deploy', true)";

  it('take the name of a time zone in any case, and store it as the zone is called', async () => {
    await db.psql.query(
      `INSERT INTO silences (name, everything, weekdays, start_time, duration, time_zone)
       VALUES ('a', true, '{1}', '2:00', '2 h', 'europe/berlin')`,
    );
    expect(await db.rows('SELECT time_zone FROM silences')).to.deep.equal([{ time_zone: 'Europe/Berlin' }]);
  });

  it('keep who inserted them and when, whatever a statement says', async () => {
    await db.psql.query(
      `INSERT INTO silences (name, everything, created_by, created_at, updated_at)
       VALUES ('a', true, 'somebody', '2001-01-01', '2001-01-01');
       UPDATE silences SET name = 'b', created_by = 'somebody', created_at = '2001-01-01', updated_at = '2001-01-01'`,
    );
    const rows = await db.rows(
      `SELECT name, created_by = session_user AS by_me, created_at > now() - interval '1 min' AS now,
         updated_at > created_at AS edited FROM silences`,
    );
    expect(rows).to.deep.equal([{ name: 'b', by_me: true, now: true, edited: true }]);
  });

  it('notify once per transaction that changes any, and not for statements that change none', async () => {
    const listener = await psqlLike(db.dsn);
    const heard: (string | undefined)[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload));
    await listener.query('LISTEN website_monitor');
    /** What was sent until now has arrived once a statement of its own is answered. */
    const payloads = async (text: string) => {
      heard.length = 0;
      await db.psql.query(text);
      await listener.query('SELECT');
      return heard;
    };
    expect(
      await payloads(`BEGIN; ${INSERT}; ${INSERT}; UPDATE silences SET name = 'x'; COMMIT`),
    ).to.deep.equal(['alerts']);
    expect(await payloads('UPDATE silences SET ended_at = now()')).to.deep.equal(['alerts']);
    expect(await payloads("UPDATE silences SET name = 'x'; DELETE FROM silences WHERE id = 0")).to.deep.equal(
      [],
    );
    expect(await payloads('DELETE FROM silences')).to.deep.equal(['alerts']);
    await listener.end();
  });
});
