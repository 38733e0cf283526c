import { expect } from 'chai';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';
import { handDrivenWorker } from '../../support/worker.ts';

describe('monitored_targets', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  /** Notifications that reach another session while `work` runs, counted once a later one has come. */
  const notificationsDuring = async (work: () => Promise<unknown>): Promise<number> => {
    const listener = await psqlLike(db.dsn);
    let count = 0;
    await listener.query('LISTEN website_monitor; LISTEN spec_fence');
    const fenced = new Promise<void>(resolve =>
      listener.on('notification', ({ channel }) => {
        if (channel === 'spec_fence') resolve();
        else count += 1;
      }),
    );
    await work();
    await db.psql.query('NOTIFY spec_fence');
    await fenced;
    await listener.end();
    return count;
  };
  const dueNow = async (): Promise<string[]> =>
    (
      await db.rows<{ id: string }>(
        'SELECT monitored_target_id AS id FROM target_leases WHERE next_fire_at <= clock_timestamp() ORDER BY 1',
      )
    ).map(({ id }) => id);
  /** As if it had been checked a moment ago. */
  const check = async () => {
    await handDrivenWorker(db.database).lease(1_000);
    await db.psql.query('DELETE FROM lease_batches');
  };
  const insertOne = () =>
    db.psql.query(
      "INSERT INTO monitored_targets (url, check_interval) VALUES ('http://localhost:1/', '1 h')",
    );

  describe('refuses', () => {
    // one bad row per rule, and the sentence that the user reads
    const refusals: [sentence: string, column: string, values: string[]][] = [
      [
        'url must start with http:// or https:// and name a host',
        'url',
        [
          "'ftp://a/'",
          "'file:///etc/passwd'",
          "'example.org'",
          "'http://'",
          "'http:///x'",
          "'http://u:p@a/'",
          "'http://a b/'",
          "''",
        ],
      ],
      ['url must be at most 2048 characters long', 'url', ["'http://a/' || repeat('x', 2048)"]],
      [
        'method must be GET HEAD POST PUT PATCH DELETE or OPTIONS',
        'method',
        ["'TRACE'", "'CONNECT'", "'get'", "''"],
      ],
      [
        'check_interval must not count in months',
        'check_interval',
        ["'1 month'", "'1 month -20 days'", "'-1 month 40 days'"],
      ],
      [
        'check_interval must be from 1 second to 30 days',
        'check_interval',
        ["'999 ms'", "'0'", "'-1 s'", "'30 d 1 s'", "'721 h'"],
      ],
      [
        'default_headers must be an object of strings',
        'default_headers',
        ["'[]'", '\'"a"\'', "'null'", '\'{"a": 1}\'', '\'{"a": null}\'', '\'{"a": {}}\'', '\'{"a": ["b"]}\''],
      ],
      [
        'default_headers must be plain names and single lines',
        'default_headers',
        [
          "jsonb_build_object('a', E'b\\r\\nc: d')",
          "jsonb_build_object('a', E'b\\nc')",
          "jsonb_build_object(E'a\\nb', 'c')",
          "jsonb_build_object('a b', 'c')",
          "jsonb_build_object('', 'c')",
          "jsonb_build_object('a:', 'c')",
        ],
      ],
      [
        'default_headers must be at most 16 KiB',
        'default_headers',
        ["jsonb_build_object('a', repeat('x', 17000))"],
      ],
      [
        'default_headers must leave Host and framing headers to us',
        'default_headers',
        [
          `'{"Host": "b"}'`,
          `'{"content-length": "1"}'`,
          `'{"Transfer-Encoding": "x"}'`,
          `'{"connection": "close"}'`,
        ],
      ],
      ['regex_pattern must be at most 1000 characters long', 'regex_pattern', ["repeat('x', 1001)"]],
      ['timeout must be from 1 millisecond to 10 minutes', 'timeout', ["'0'", "'11 min'", "'-1 s'"]],
      [
        'url must name a port from 1 to 65535, if it names one',
        'url',
        ["'http://a:0/'", "'http://a:000?x'", "'http://a:65536'", "'http://[::1]:99999/'"],
      ],
      ['request_body must be at most 64 KiB', 'method, request_body', ["'POST', repeat('x', 65537)"]],
      [
        'request_body needs a method that carries one, not GET or HEAD',
        'method, request_body',
        ["'GET', 'a'", "'HEAD', ''"],
      ],
      ['regex_pattern needs a body to search, and HEAD has none', 'method, regex_pattern', ["'HEAD', 'a'"]],
      [
        'accepted_statuses must be like 200-299,401 from 100 to 999',
        'accepted_statuses',
        [
          "''",
          "'2xx'",
          "'200,'",
          "'99'",
          "'1000'",
          "'600-1000'",
          "'299-200'",
          "'200-299-300'",
          "'200;401'",
          "'-200'",
          "repeat('200,', 60) || '200'",
        ],
      ],
      ['max_redirects must be from 0 to 20', 'max_redirects', ['-1', '21']],
      ['max_latency must be from 1 millisecond to 10 minutes', 'max_latency', ["'0'", "'11 min'"]],
      ['ip_family must be 4 or 6', 'ip_family', ['0', '5']],
      [
        'min_certificate_validity must be from 0 to 365 days',
        'min_certificate_validity',
        ["'-1 d'", "'366 d'", "'2 years'"],
      ],
      [
        'basic_auth_user must be a line of 1 to 256 without a colon',
        'basic_auth_user',
        ["''", "'a:b'", "E'a\\nb'", "repeat('x', 257)"],
      ],
      [
        'basic_auth_password must be a line of at most 1024',
        'basic_auth_user, basic_auth_password',
        ["'me', E'a\\nb'", "'me', repeat('x', 1025)"],
      ],
      ['basic_auth_password needs a basic_auth_user', 'basic_auth_password', ["'a'"]],
      [
        'bearer_token must be 1 to 8192 printable ASCII, no spaces',
        'bearer_token',
        ["''", "'a b'", "E'a\\nb'", "'é'", "repeat('x', 8193)"],
      ],
      [
        'credentials must be basic, bearer or a header: one of them',
        'basic_auth_user, bearer_token, default_headers',
        ["'me', 't', NULL", `'me', NULL, '{"Authorization": "x"}'`, `NULL, 't', '{"authorization": "x"}'`],
      ],
    ];
    refusals.push(
      [
        'key must be up to 100 of a-z, 0-9, . _ and -',
        'key',
        ["''", "'A'", "'-a'", "'a b'", "E'a\\n'", "'ä'", "repeat('a', 101)"],
      ],
      ['name must be a line of 1 to 200 characters', 'name', ["''", "E'a\\nb'", "repeat('a', 201)"]],
      [
        'labels must be an object of strings',
        'labels',
        ["'[]'", '\'"a"\'', "'null'", '\'{"a": 1}\'', '\'{"a": null}\'', '\'{"a": ["b"]}\''],
      ],
      [
        'labels must be at most 32, each of at most 200 characters',
        'labels',
        [
          "jsonb_build_object('a', repeat('x', 201))",
          "jsonb_build_object(repeat('x', 101), 'a')",
          "(SELECT jsonb_object_agg('a' || n, '') FROM generate_series(1, 33) AS n)",
        ],
      ],
      [
        'labels must have names of letters, digits and _',
        'labels',
        [
          '\'{"": "a"}\'',
          '\'{"1a": "a"}\'',
          '\'{"a-b": "a"}\'',
          '\'{"ä": "a"}\'',
          '\'{"a": "", "b c": ""}\'',
        ],
      ],
      ['notes must be at most 10000 characters long', 'notes', ["repeat('a', 10001)"]],
      [
        'managed_by must be a line of 1 to 200 characters',
        'managed_by',
        ["''", "E'\\t'", "repeat('a', 201)"],
      ],
      ['depends_on must name a target that is there', 'depends_on', ['0', '99']],
      ['alert_after must be from 0 to 1 day', 'alert_after', ["'-1 s'", "'25 h'"]],
      ['recovery_period must be from 0 to 1 day', 'recovery_period', ["'-1 s'", "'1 month'"]],
      ['slow_above must be from 1 millisecond to 10 minutes', 'slow_above', ["'0'", "'11 min'"]],
    );
    for (const [sentence, column, values] of refusals) {
      for (const value of values) {
        it(`${column} ${value}: ${sentence}`, async () => {
          const columns = column === 'url' ? 'url' : `url, ${column}`;
          const row = column === 'url' ? value : `'http://a/', ${value}`;
          const refused = await db.psql
            .query(`INSERT INTO monitored_targets (${columns}) VALUES (${row})`)
            .then(
              () => undefined,
              (error: { constraint?: string }) => error,
            );
          expect(refused?.constraint).to.equal(sentence);
        });
      }
    }
  });

  describe('accepts', () => {
    const accepted = [
      "INSERT INTO monitored_targets (url) VALUES ('https://example.org')",
      "INSERT INTO monitored_targets (url) VALUES ('HTTP://example.org:8080?a=b#c')",
      "INSERT INTO monitored_targets (url) VALUES ('http://[::1]:8080/')",
      "INSERT INTO monitored_targets (url, check_interval) VALUES ('http://a/', '1 s'), ('http://a/', '30 d'), ('http://a/', '720 h')",
      "INSERT INTO monitored_targets (url, method) SELECT 'http://a/', unnest('{GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS}'::text[])",
      `INSERT INTO monitored_targets (url, default_headers) VALUES ('http://a/', '{"x-Token_1": "ü ; a=\\"b\\""}'), ('http://a/', '{}'), ('http://a/', NULL)`,
      "INSERT INTO monitored_targets (url, method, check_interval, default_headers, regex_pattern) VALUES\n    ('http://localhost:8080/3f1c', 'GET', '120 seconds'::interval, NULL, 'abc'),\n    ('http://localhost:8080/77aa', 'GET', '5 seconds'::interval, NULL, NULL)",
    ];
    for (const statement of accepted) {
      it(statement.replace(/^.*\(url/s, '(url').replace(/\s+/g, ' '), async () => {
        const { rowCount } = await db.psql.query(statement);
        expect(await db.rows('SELECT FROM target_leases')).to.have.length(rowCount ?? 0);
      });
    }
  });

  it('makes an inserted target due at once', async () => {
    expect(await notificationsDuring(insertOne)).to.equal(1);
    expect(await dueNow()).to.deep.equal(['1']);
  });

  it('sends one notification for 20,000 rows in one statement, and spreads them over an interval', async () => {
    const bulk = () =>
      db.psql.query(
        "INSERT INTO monitored_targets (url) SELECT 'http://localhost:1/' || number FROM generate_series(1, 20000) AS number",
      );
    expect(await notificationsDuring(bulk)).to.equal(1);
    const rows = await db.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM target_leases, (SELECT min(next_fire_at) AS start FROM target_leases) AS s
       WHERE next_fire_at > start GROUP BY date_bin('1 s', next_fire_at, start) ORDER BY date_bin('1 s', next_fire_at, start)`,
    );
    expect(
      await db.rows(
        'SELECT FROM target_leases WHERE next_fire_at = (SELECT min(next_fire_at) FROM target_leases)',
      ),
    ).to.have.length.within(185, 200);
    expect(rows).to.have.length(60); // each second of the minute gets its sixtieth
    for (const { count } of rows) expect(count).to.be.within(320, 340);
  });

  it('spreads rows inserted one by one in a transaction just as well', async () => {
    await db.psql.query(`DO $$ BEGIN
      FOR number IN 1..500 LOOP INSERT INTO website_monitor.monitored_targets (url, check_interval) VALUES ('http://a/', '1 d'); END LOOP; END $$`);
    expect(await dueNow()).to.have.length(200);
    await insertOne(); // and a transaction later, at once again
    expect(await dueNow()).to.include('501');
  });

  it('sends no notification for statements that change no row, or nothing relevant', async () => {
    await insertOne();
    await check();
    const idle = async () => {
      await db.psql.query("INSERT INTO monitored_targets (url) SELECT 'http://a/' WHERE false");
      await db.psql.query("UPDATE monitored_targets SET url = 'http://a/' WHERE false");
      await db.psql.query('UPDATE monitored_targets SET url = url, version = 7');
      await db.psql.query('DELETE FROM monitored_targets WHERE false');
    };
    expect(await notificationsDuring(idle)).to.equal(0);
    expect(await dueNow()).to.deep.equal([]);
    expect(await db.rows('SELECT version FROM monitored_targets')).to.deep.equal([{ version: 1 }]);
  });

  it('sends one notification for a transaction of many statements', async () => {
    const many = async () => {
      await db.psql.query('BEGIN');
      for (let statement = 0; statement < 5; statement++) await insertOne();
      await db.psql.query("UPDATE monitored_targets SET regex_pattern = 'x'");
      await db.psql.query('COMMIT');
    };
    expect(await notificationsDuring(many)).to.equal(1);
  });

  const edits: [column: string, value: string][] = [
    ['url', "'http://localhost:2/'"],
    ['method', "'HEAD'"],
    ['default_headers', `'{"a": "b"}'`],
    ['regex_pattern', "'x'"],
    ['check_interval', "'2 h'"],
    ['timeout', "'1 s'"],
  ];
  for (const [column, value] of edits) {
    it(`checks at once, under a new version, when ${column} is edited`, async () => {
      await insertOne();
      await check();
      const edit = () => db.psql.query(`UPDATE monitored_targets SET ${column} = ${value}`);
      expect(await notificationsDuring(edit)).to.equal(1);
      expect(await dueNow()).to.deep.equal(['1']);
      const { leases } = await handDrivenWorker(db.database).lease(1);
      expect(leases[0]?.target.version).to.equal(2);
      expect(await db.rows('SELECT FROM monitored_targets WHERE updated_at > created_at')).to.have.length(1);
    });
  }

  it('stops when disabled, so that workers end its check, and is checked at once when enabled again', async () => {
    await insertOne();
    await check();
    expect(
      await notificationsDuring(() => db.psql.query('UPDATE monitored_targets SET enabled = false')),
    ).to.equal(1);
    expect(await db.rows('SELECT FROM target_leases')).to.deep.equal([]);
    expect(
      await notificationsDuring(() => db.psql.query('UPDATE monitored_targets SET enabled = true')),
    ).to.equal(1);
    expect(await dueNow()).to.deep.equal(['1']);
  });

  it('does not schedule a target inserted as disabled', async () => {
    const insert = () =>
      db.psql.query("INSERT INTO monitored_targets (url, enabled) VALUES ('http://a/', false)");
    expect(await notificationsDuring(insert)).to.equal(0);
    expect(await db.rows('SELECT FROM target_leases')).to.deep.equal([]);
  });

  for (const end of ['DELETE FROM monitored_targets', 'TRUNCATE monitored_targets']) {
    it(`stops with ${end}`, async () => {
      await insertOne();
      await db.psql.query(end);
      expect(await db.rows('SELECT FROM target_leases')).to.deep.equal([]);
    });
  }

  const endings = [
    'DELETE FROM monitored_targets',
    'UPDATE monitored_targets SET enabled = false',
    "UPDATE monitored_targets SET regex_pattern = 'x'",
    'TRUNCATE monitored_targets',
  ];
  for (const statement of endings) {
    it(`records slots that were due but not leased at ${statement}`, async () => {
      await db.psql.query("INSERT INTO monitored_targets (url, check_interval) VALUES ('http://a/', '1 h')");
      await check();
      await db.psql.query("UPDATE target_leases SET next_fire_at = next_fire_at - interval '6 h'");
      await db.psql.query(statement);
      const gaps = await db.rows('SELECT target_id, slots::integer FROM check_gaps');
      expect(gaps).to.have.length(1);
      expect(gaps[0]?.slots).to.be.equal(6);
    });
  }

  it('lets no other role stop or start schedules', async () => {
    const rows = await db.rows<{ name: string }>(
      `SELECT proname AS name FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS acl
       WHERE pronamespace = 'website_monitor'::regnamespace AND prosecdef AND prorettype <> 'trigger'::regtype
         AND acl.grantee = 0`,
    );
    // Whoever notes more started targets only makes their own wait for their grid points; two only tell the time.
    expect(rows.map(({ name }) => name)).to.have.members([
      'ensure_partitions',
      'note_started',
      'clock_behind',
      'grid_shift',
    ]);
  });

  const startingAtOnce = async () =>
    Number(
      (
        await db.rows<{ count: string }>(
          `SELECT count(*) FROM target_leases WHERE next_fire_at <= clock_timestamp() AND check_interval = '1 day'`,
        )
      )[0]?.count,
    );
  for (const note of ['-1000000', '0', 'nonsense']) {
    it(`starts no more than 200 targets of a transaction at once, though the session says ${note} were started`, async () => {
      await db.psql.query('BEGIN');
      for (const path of ['first', 'second']) {
        await db.psql.query('SELECT set_config($1, $2, true)', ['website_monitor.started', note]);
        await db.psql.query(
          `INSERT INTO monitored_targets (url, check_interval)
           SELECT format('http://a/%s/%s', $1::text, number), '1 d' FROM generate_series(1, 300) AS number`,
          [path],
        );
      }
      await db.psql.query('COMMIT');
      expect(await startingAtOnce()).to.equal(200);
    });
  }

  it('counts the targets that a transaction starts over its statements, and an importer’s earlier ones', async () => {
    const insert = (path: string) =>
      db.psql.query(
        `INSERT INTO monitored_targets (url, check_interval)
         SELECT format('http://a/%s/%s', $1::text, number), '1 d' FROM generate_series(1, 150) AS number`,
        [path],
      );
    await db.psql.query('BEGIN');
    await insert('first');
    await insert('second');
    await db.psql.query('COMMIT; BEGIN; SELECT website_monitor.note_started(1000)');
    await insert('third');
    await db.psql.query('COMMIT');
    expect(await startingAtOnce()).to.equal(200);
  });

  it('gives each creator of targets a share of the schedule', async () => {
    const role = `creator_${Date.now()}`;
    await db.psql.query(`INSERT INTO monitored_targets (url) VALUES ('http://a/mine');
      BEGIN; CREATE ROLE ${role}; GRANT USAGE ON SCHEMA website_monitor TO ${role};
      GRANT INSERT ON monitored_targets TO ${role}; SET LOCAL SESSION AUTHORIZATION ${role};
      INSERT INTO website_monitor.monitored_targets (url) VALUES ('http://a/theirs'), ('http://a/theirs/too');
      RESET SESSION AUTHORIZATION`);
    const shares = await db.rows<{ url: string; share: number }>(
      `SELECT url, share FROM target_leases JOIN monitored_targets ON id = monitored_target_id ORDER BY id`,
    );
    await db.psql.query('ROLLBACK');
    expect(shares.map(({ share }) => share)).to.deep.equal([0, 1, 1]);
  });

  it('lets a role insert that has no other privilege', async () => {
    const role = `inserter_${Date.now()}`;
    await db.psql.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA website_monitor TO ${role};
      GRANT INSERT ON monitored_targets TO ${role}; SET ROLE ${role}`);
    await insertOne();
    await db.psql.query(`RESET ROLE; REVOKE ALL ON monitored_targets FROM ${role};
      REVOKE ALL ON SCHEMA website_monitor FROM ${role}; DROP ROLE ${role}`);
    expect(await dueNow()).to.deep.equal(['1']);
  });
});
