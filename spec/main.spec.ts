import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startService } from '../lib/app/service.ts';
import { connectDatabase } from '../lib/postgres/database.ts';
import { statement } from '../lib/sql/sql-file.ts';
import { askUntil } from './support/ask-until.ts';
import { killProcesses, launch, runMain, startWorker } from './support/main-process.ts';
import { configOf } from './support/parsing.ts';
import { psqlLike, type TestDatabase, testDatabase } from './support/postgres.ts';
import { quietLog } from './support/quiet-log.ts';
import { respond, type ScriptedWebsite, startScriptedWebsite } from './support/scripted-website.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import type { LogLine } from './support/watch-log.ts';
import {
  launchWorkerHere,
  startWorkerHere,
  stopWorkersHere,
  type WorkerHere,
} from './support/worker-here.ts';

describe('website-monitor', () => {
  let own: TestDatabase;
  const onDatabase = (content: 'empty' | 'migrated') => {
    beforeEach(async () => {
      own = await testDatabase(content);
    });
    afterEach(async () => {
      await Promise.all([killProcesses(), stopWorkersHere()]);
      await own.drop();
    });
  };

  /** What the database says, asked from outside. */
  const rows = async <Row>(text: string): Promise<Row[]> => {
    const psql = await psqlLike(own.dsn);
    try {
      await psql.query('SET search_path = website_monitor');
      return (await psql.query(text)).rows;
    } finally {
      await psql.end();
    }
  };
  const migrateCommand = (dsn = own.dsn) =>
    runMain({ args: ['migrate'], environment: { WEBSITE_MONITOR_DSN: dsn } });

  describe('--help and --version', () => {
    it('are printed with exit code 0, whatever else is wrong', async () => {
      const { code, output } = await runMain({ args: ['--worker-number=none', '--help'] });
      expect(code).to.equal(0);
      expect(output).to.match(/^Usage: website-monitor .*--worker-number.*--version/s);
      expect(await runMain({ args: ['--version'] })).to.deep.equal({ code: 0, output: '0.1.0\n' });
    });
  });

  describe('a wrong configuration', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await temporaryFolder();
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('is reported completely on stderr, by names and rules but never values, with exit code 2', async () => {
      await writeFile(
        join(folder, '.env'),
        'WEBSITE_MONITOR_BATCH_SIZE=s3cret\nWEBSITE_MONITOR_MAX_TIMEOUT=s3cret\n',
      );
      const worker = launch({
        folder,
        args: ['--worker-number=s3cret', '--s3cret=s3cret', '--every=s3cret', 'ftp://s3cret'],
        environment: { DATABASE_URL: 'mysql://s3cret@localhost', WEBSITE_MONITOR_MAX_TIMEOUT: '-s3cret' },
      });
      expect(await worker.ended).to.deep.equal({ code: 2, signal: null });
      expect(worker.log()).to.deep.equal([]);
      expect(worker.output().split('\n').sort().join('\n')).to.equal(`
website-monitor: --every: must be an interval from 1s to 30d, as in 30s, 5m, 1h, 1d or 90
website-monitor: --worker-number: must be a whole number from 1 to 10000
website-monitor: DATABASE_URL: must be a PostgreSQL URL, as in postgres://user:password@host:5432/database
website-monitor: URL 1: must be an http or https URL of at most 2048 characters, without user info or port 0
website-monitor: WEBSITE_MONITOR_BATCH_SIZE: must be a whole number from 1 to 10000
website-monitor: WEBSITE_MONITOR_MAX_TIMEOUT: must be seconds from 0.1 to 300, as in 10 or 2.5
website-monitor: argument 2: no such flag; see --help`);
    });

    for (const [what, args, problem] of [
      [
        'a pattern that is not RE2',
        ['--match=(?=a)', 'http://localhost:1/'],
        /^website-monitor: --match: must be a pattern that RE2 accepts/,
      ],
      [
        'a logging config that is not there',
        ['--logging-type=custom', '--logging-config-file=none.json'],
        /^website-monitor: .*none\.json: cannot be read/,
      ],
    ] as const) {
      it(`may be ${what}, too`, async () => {
        const { code, output } = await runMain({
          args,
          folder,
          environment: { WEBSITE_MONITOR_DSN: 'postgres://localhost:1/none' },
        });
        expect(code).to.equal(2);
        expect(output).to.match(problem);
      });
    }
  });

  describe('migrate', () => {
    onDatabase('empty');

    it('migrates an empty database, and finds nothing to do the next time', async () => {
      const first = await migrateCommand();
      expect(first.code).to.equal(0);
      expect(first.output).to.match(
        /"migrations applied".*"count":\d+,"first":"0001-.*"the schema is up to date"/s,
      );
      const second = await migrateCommand();
      expect(second.code).to.equal(0);
      expect(second.output)
        .to.match(/"the schema is up to date"/)
        .and.not.match(/applied/);
      expect(first.output.match(/applied/g)).to.have.length(1);
    });

    for (const [what, change, problem] of [
      [
        'a wrong user or password',
        { username: 'nobody_of_that_name', password: 's3cret' },
        /nobody_of_that_name.*\(28...\)$/,
      ],
      ['a database that is not there', { pathname: 'none_of_that_name' }, /none_of_that_name.*\(3D000\)$/],
    ] as const) {
      it(`exits with 1 and one readable line without the password for ${what}`, async () => {
        const dsn = new URL(own.dsn);
        Object.assign(dsn, change);
        dsn.password ||= 's3cret'; // a server that trusts us asks for none, and takes any
        const { code, output } = await migrateCommand(dsn.href);
        expect(code).to.equal(1);
        expect(output.split('\n')).to.have.length(2);
        expect(JSON.parse(output).message).to.match(problem);
        expect(output).to.not.include(dsn.password);
      });
    }
  });

  describe('migrate on a migrated database', () => {
    onDatabase('migrated');

    it('exits with 1 if stopped while it waits for another migration', async () => {
      const other = await psqlLike(own.dsn);
      const ledger = 'website_monitor.schema_migrations';
      const gone = await other.query(
        `DELETE FROM ${ledger} WHERE number = (SELECT max(number) FROM ${ledger}) RETURNING number, name, checksum`,
      );
      await other.query('BEGIN');
      await other.query(statement('migrations-lock'));
      const waiting = launch({ args: ['migrate', '--worker-id=waiter', '--dsn', own.dsn] });
      const isWaiting = async () =>
        (
          await rows(
            "SELECT FROM pg_stat_activity WHERE application_name = 'waiter' AND wait_event = 'relation'",
          )
        ).length > 0;
      await askUntil(isWaiting);
      waiting.signal('SIGTERM');
      expect(await waiting.ended).to.deep.equal({ code: 1, signal: null });
      await other.query('COMMIT');
      await other.query(statement('migrations-record'), Object.values(gone.rows[0]));
      await other.end();
    });
  });

  describe('a schema that it cannot work with', () => {
    const start = async (...flags: string[]) => {
      const { ended, output } = launchWorkerHere(own.dsn, flags);
      const { code } = await ended;
      return { code, output: output() };
    };

    describe('in an empty database', () => {
      onDatabase('empty');

      it('is a missing one with --no-migrate: it says what to do, and exits with 1', async () => {
        const { code, output } = await start('--no-migrate');
        expect(code).to.equal(1);
        expect(output).to.match(/lacks 0001-.*npm run migrate.*without --no-migrate/);
        expect(await rows("SELECT FROM pg_namespace WHERE nspname = 'website_monitor'")).to.deep.equal([]);
      });
    });

    describe('in a migrated database', () => {
      onDatabase('migrated');

      for (const [what, change, problem] of [
        [
          'of a newer version',
          "INSERT INTO schema_migrations VALUES (9999, '9999-tomorrow.sql', 'x')",
          /9999-tomorrow\.sql, which this version does not know: it belongs to a newer website-monitor/,
        ],
        [
          'made by a migration that was edited since',
          "UPDATE schema_migrations SET checksum = 'x' WHERE number = 1",
          /the migration 0001-.* was changed after it had been applied/,
        ],
      ] as const) {
        it(`is one ${what}: it says so and exits with 1`, async () => {
          await rows(change);
          for (const { code, output } of [await start(), await migrateCommand()]) {
            expect(code).to.equal(1);
            expect(output).to.match(problem);
          }
        });
      }
    });
  });

  describe('on an empty database', () => {
    onDatabase('empty');

    it('applies each migration once if four workers start together', async () => {
      const workers = await Promise.all(Array.from({ length: 4 }, () => startWorkerHere(own.dsn)));
      const told = workers.flatMap(worker =>
        worker.log().filter(({ message }) => message === 'migrations applied'),
      );
      const applied = await rows<{ name: string }>('SELECT name FROM schema_migrations');
      expect(applied).to.not.deep.equal([]);
      expect(told.map(({ count }) => count)).to.deep.equal([applied.length]);
      for (const worker of workers) worker.signal('SIGTERM');
      for (const worker of workers) expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    });
  });

  it('exits with 0 if stopped while it still waits for the database', async () => {
    const worker = launchWorkerHere('postgres://localhost:1/none');
    await worker.logged(/^waiting for the database$/);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
  });

  describe('URLs on the command line', () => {
    onDatabase('migrated');

    const startWith = async (...words: string[]) => {
      const told: string[] = [];
      const log = quietLog({
        info: (message, facts) => {
          if (/^target (added|changed|kept)$/.test(message)) told.push(`${message}: ${facts?.url}`);
        },
      });
      const database = connectDatabase({ dsn: own.dsn, poolSize: 2, applicationName: 'spec' });
      const service = await startService(configOf(['--http-port=off', ...words]), {
        database,
        dsn: own.dsn,
        log,
      });
      expect(await service.started).to.equal(true);
      service.stop();
      await service.ended;
      await service.close();
      await database.close();
      return told;
    };
    const targets = () =>
      rows(
        'SELECT url, extract(epoch FROM check_interval)::integer AS every_s, regex_pattern, version FROM monitored_targets',
      );

    it('become one target each, and a later start changes them', async () => {
      const url = 'http://127.0.0.1:1/';
      expect(await startWith(url, 'http://127.0.0.1:1')).to.deep.equal([`target added: ${url}`]);
      expect(await startWith(url)).to.deep.equal([`target kept: ${url}`]);
      expect(await targets()).to.deep.equal([{ url, every_s: 60, regex_pattern: null, version: 1 }]);

      expect(await startWith('--every=5m', '--match=a.c', url)).to.deep.equal([`target changed: ${url}`]);
      expect(await startWith(url)).to.deep.equal([`target kept: ${url}`]);
      expect(await targets()).to.deep.equal([{ url, every_s: 300, regex_pattern: 'a.c', version: 2 }]);
    });
  });

  describe('a website that may not be checked', () => {
    let website: ScriptedWebsite;
    const started: { readonly worker: WorkerHere; readonly database: TestDatabase }[] = [];
    /** On a database of its own */
    const startWith = async (allowed: string, ...words: string[]): Promise<WorkerHere> => {
      const database = await testDatabase('migrated');
      const worker = await startWorkerHere(
        database.dsn,
        ['--enable-tracing', '--shutdown-grace=1', ...words],
        {
          WEBSITE_MONITOR_ALLOW_PRIVATE_TARGETS: allowed,
        },
      );
      started.push({ worker, database });
      return worker;
    };
    const warnings = (worker: WorkerHere, { href }: URL) =>
      worker
        .log()
        .filter(({ message, url }) => message.startsWith('this website will not be checked') && url === href);
    const checkOf = async (worker: WorkerHere, { href }: URL): Promise<LogLine> => {
      for (let occurrence = 1; ; occurrence += 1) {
        const check = await worker.logged(/^check$/, occurrence);
        if (check.url === href) return check;
      }
    };

    const REFUSED = [
      ['http://localhost:1/', 'none', '127.0.0.1 is this machine itself: … 127.0.0.1/32,::1/128'],
      [
        'http://localhost:1/',
        '10.0.0.0/8',
        '127.0.0.1 is this machine itself: … 127.0.0.1/32,::1/128,10.0.0.0/8',
      ],
      ['http://2130706433:1/', 'none', '127.0.0.1 is this machine itself: … 127.0.0.1/32'],
      ['http://[::ffff:192.168.0.1]:1/', 'none', '192.168.0.1 is private: … 192.168.0.1/32'],
      ['http://169.254.169.254/', 'all', '169.254.169.254 serves cloud metadata: … 169.254.169.254/32,all'],
    ] as const;
    const refusing = new Map<string, WorkerHere>();
    before(async () => {
      website = await startScriptedWebsite({ acts: { '*': respond() } });
      for (const allowed of new Set(REFUSED.map(([, allowed]) => allowed))) {
        const urls: string[] = REFUSED.filter(([, ranges]) => ranges === allowed).map(([url]) => url);
        if (allowed === 'none') urls.push(`http://localhost:${website.port}/`);
        refusing.set(allowed, await startWith(allowed, ...urls));
      }
    });
    after(async () => {
      await website.close();
      await Promise.all([killProcesses(), stopWorkersHere()]);
      for (const { database } of started) await database.drop();
    });

    for (const [text, allowed, reason] of REFUSED) {
      it(`is reported at once, in one line with the setting to change, and by its check: ${text} under ${allowed}`, async () => {
        const worker = refusing.get(allowed) as WorkerHere;
        const url = new URL(text);
        const { outcome, cause, detail } = await checkOf(worker, url);
        const told = reason.replace('…', 'to check it anyway, start with --allow-private-targets');
        expect({ outcome, cause, detail }).to.deep.equal({
          outcome: 'unknown',
          cause: 'address_forbidden',
          detail: told,
        });
        expect(warnings(worker, url).map(({ level, message }) => ({ level, message }))).to.deep.equal([
          { level: 'warn', message: `this website will not be checked: ${told}` },
        ]);
      });
    }

    it('is checked once that is set', async () => {
      const refused = refusing.get('none') as WorkerHere;
      const url = new URL(`http://localhost:${website.port}/`);
      expect((await checkOf(refused, url)).outcome).to.equal('unknown');
      const [flag = '', ranges = ''] = warnings(refused, url)[0]?.message.split(' ').slice(-2) ?? [];
      refused.signal('SIGTERM');
      await refused.ended;
      const acceptedMeanwhile = website.socketsAccepted();

      const allowed = await startWith('none', url.href, flag, ranges);
      const check = await checkOf(allowed, url);
      expect(acceptedMeanwhile).to.equal(0);
      expect(check, JSON.stringify(check)).to.include({ outcome: 'up' });
      expect(warnings(allowed, url)).to.deep.equal([]);
    });
  });

  describe('on the way to a website', () => {
    onDatabase('migrated');

    it('uses no proxy, whatever the environment says, because it would resolve names elsewhere', async () => {
      const website = await startScriptedWebsite({ acts: { '*': respond() } });
      const proxy = await startScriptedWebsite({ acts: { '*': respond({ status: 500 }) } });
      const worker = await startWorker(own.dsn, ['--enable-tracing', `http://localhost:${website.port}/`], {
        NODE_USE_ENV_PROXY: '1',
        HTTP_PROXY: proxy.origin,
        http_proxy: proxy.origin,
        ALL_PROXY: proxy.origin,
      });
      const check = await worker.logged(/^check$/);
      await Promise.all([website.close(), proxy.close()]);
      expect(check, JSON.stringify(check)).to.include({ outcome: 'up' });
      expect(proxy.socketsAccepted()).to.equal(0);
    });
  });
});
