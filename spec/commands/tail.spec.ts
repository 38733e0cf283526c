import { expect } from 'chai';
import { followResults } from '../../lib/postgres/reports/follow-results.ts';
import { runShell } from '../support/command-process.ts';
import { killProcesses, launch, startWorker } from '../support/main-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';
import { psqlLike } from '../support/postgres.ts';
import { respond, type ScriptedWebsite, startScriptedWebsite } from '../support/scripted-website.ts';

const ALL = { urlPart: null, outcomes: null, causes: null };

describe('website-monitor tail', () => {
  let own: MigratedDatabase;
  let website: ScriptedWebsite;
  before(async () => {
    own = await migratedDatabase();
    website = await startScriptedWebsite({ acts: { '/ok': respond(), '/broken': respond({ status: 503 }) } });
  });
  beforeEach(() => emptyTables(own.psql));
  afterEach(killProcesses);
  after(async () => {
    await website.close();
    await own.drop();
  });

  const RECORD = `
    INSERT INTO website_monitor.check_results
      (target_id, scheduled_at, started_at, outcome, target_version, total_us, cause, body_cut)
    VALUES ($1, now() - $2::float8 * interval '1 s', now() - $2::float8 * interval '1 s', $3, 1, 1000, $4, false)`;
  const record = (targetId: number, secondsAgo: number, outcome = 'up', cause: string | null = null) =>
    own.psql.query(RECORD, [targetId, secondsAgo, outcome, cause]);
  const addTargets = () =>
    own.psql.query(
      `INSERT INTO monitored_targets (url) VALUES ('https://one.example/?s3cret'), ('https://two.example/');
       UPDATE monitored_targets SET labels = '{"team": "web", "env": ""}' WHERE url ~ 'two'`,
    );

  describe('followResults', () => {
    beforeEach(addTargets);
    const ids = async (next: ReturnType<typeof followResults>) =>
      (await next()).map(({ targetId }) => targetId);

    it('returns each check once, whatever the order of slots', async () => {
      const next = followResults(own.database, ALL, 10);
      await record(1, 5);
      expect(await ids(next)).to.deep.equal(['1']);
      expect(await ids(next)).to.deep.equal([]);
      await record(2, 60);
      await record(1, 1);
      expect((await ids(next)).sort()).to.deep.equal(['1', '2']);
      expect(await ids(next)).to.deep.equal([]);
    });

    it('returns a check that commits after a later one', async () => {
      const next = followResults(own.database, ALL, 10);
      const slow = await psqlLike(own.dsn);
      await slow.query('BEGIN');
      await slow.query(RECORD, [1, 3, 'up', null]);
      await record(2, 2);
      expect(await ids(next)).to.deep.equal(['2']);
      await slow.query('COMMIT');
      await slow.end();
      expect(await ids(next)).to.deep.equal(['1']);
    });

    it('begins with the latest ten, whenever they were, and of an outcome if one is asked for', async () => {
      const agesS = Array.from({ length: 12 }, (_, n) => 1_800 * (n + 1));
      for (const ageS of agesS) await record(1, ageS);
      for (const ageS of [4_000, 20_000]) await record(2, ageS, 'down', 'http_status');
      const shown = await followResults(own.database, ALL, 10)();
      expect(shown).to.have.length(10);
      expect(shown.filter(({ targetId }) => targetId === '2')).to.have.length(1);
      const next = followResults(own.database, { ...ALL, outcomes: ['down'] }, 10);
      expect(await ids(next)).to.deep.equal(['2', '2']);
      await record(2, 1, 'down', 'http_status');
      expect(await ids(next)).to.deep.equal(['2']);
    });

    for (const [what, wanted, expected] of [
      ['a part of the URL', { urlPart: 'TWO.' }, ['2']],
      ['labels', { withLabels: { team: 'web' } }, ['2']],
      ['outcomes', { outcomes: ['up', 'unknown'] }, ['1', '2']],
      ['causes', { causes: ['http_status'] }, ['1']],
    ] as const) {
      it(`returns only checks selected by ${what}`, async () => {
        await record(1, 3, 'down', 'http_status');
        await record(1, 2);
        await record(2, 1, 'unknown', 'regex_timeout');
        const found = await followResults(own.database, { ...ALL, ...wanted }, 10)();
        expect([...new Set(found.map(({ targetId }) => targetId))]).to.deep.equal(expected);
      });
    }
  });

  it('prints checks as a worker records them, with details and without URL queries', async () => {
    const shown = launch({
      args: ['tail', '--json'],
      environment: { WEBSITE_MONITOR_DSN: own.dsn },
    });
    await startWorker(own.dsn, [
      '--every=1s',
      '--confirm=0',
      `${website.origin}/broken?s3cret`,
      `${website.origin}/ok`,
    ]);
    while (!['"up"', '"down"'].every(word => shown.output().includes(word))) await website.nextRequest();
    const lines = shown
      .output()
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line));
    expect(lines.find(({ outcome }) => outcome === 'down')).to.deep.include({
      url: `${website.origin}/broken`,
      cause: 'http_status',
      detail: 'the final status is 404',
      httpStatus: 404,
    });
    const keys = lines.map(({ targetId, scheduledAt }) => `${targetId} ${scheduledAt}`);
    expect(new Set(keys).size).to.equal(keys.length);
    expect(shown.output()).to.not.include('s3cret');
  });

  it('starts with the last ten, and exits with 0 when its reader goes away', async () => {
    await addTargets();
    for (let index = 0; index < 12; index += 1) await record(1, index, 'down', 'connect_refused');
    const ended = runShell('monitor tail | head -n 10', { WEBSITE_MONITOR_DSN: own.dsn });
    const recording = setInterval(() => record(1, Math.random(), 'down', 'connect_refused'), 100);
    const { code, stdout, stderr } = await ended; // it finds its reader gone when it prints again
    clearInterval(recording);
    expect(stdout.trimEnd().split('\n')).to.have.length(10);
    expect(stdout).to.match(/^\d\d:\d\d:\d\d ✗ - .* https:\/\/one\.example\/ +connect_refused/m);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: 'following; press Ctrl-C to stop\n' });
  });
});
