import { expect } from 'chai';
import type { Database } from '../../../lib/postgres/database.ts';
import { addAllTargets, addTargets } from '../../../lib/postgres/targets/add-targets.ts';
import { statement } from '../../../lib/sql/sql-file.ts';
import { DEFAULTS } from '../../../lib/targets/columns.ts';
import { aDraft } from '../../support/a-target.ts';
import { failureOf } from '../../support/failure-of.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { handDrivenWorker } from '../../support/worker.ts';

const URLS = ['https://example.org/'];

describe('addTargets', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  const add = async (draft = aDraft(), urls = URLS) =>
    (await addTargets(db.database, { urls, draft })).map(({ change }) => change);
  const columns = async () =>
    db.rows(
      `SELECT to_jsonb(monitored_targets) - '{id, created_at, updated_at}'::text[] AS row FROM monitored_targets`,
    );

  it('gives a new target the defaults that a plain INSERT has', async () => {
    expect(await add()).to.deep.equal(['added']);
    const [ours] = await columns();
    await db.psql.query('TRUNCATE monitored_targets');
    await db.psql.query('INSERT INTO monitored_targets (url) VALUES ($1)', URLS);
    expect(ours).to.deep.equal((await columns())[0]);
  });

  it('stores every field, and a check reads it back', async () => {
    const draft = {
      everyMs: 5_000,
      method: 'PUT' as const,
      headers: { accept: 'text/plain' },
      requestBody: 'hello',
      credentials: { kind: 'basic' as const, user: 'me', password: 'pass' },
      acceptedStatuses: [[200, 299]] as const,
      redirectsMax: 3,
      pattern: { text: 'a.b', mustMatch: false },
      latencyMaxMs: 1_500,
      ipFamily: 4 as const,
      verifiesTls: false,
      certificateValidityMinMs: 86_400_000,
      timeoutMs: 2_500,
    };
    await add(aDraft(draft));
    const [lease] = (await handDrivenWorker(db.database).lease(1)).leases;
    const { everyMs: _, pattern, ...said } = draft;
    expect(lease?.target).to.deep.include(said);
    expect(lease?.target.pattern).to.deep.include(pattern);
  });

  it('changes the given fields of a known target, and leaves the rest', async () => {
    await add(aDraft({ redirectsMax: 3, credentials: { kind: 'bearer', token: 'a' } }));
    expect(await add()).to.deep.equal(['kept']);
    const change = aDraft({ everyMs: 5_000, credentials: { kind: 'basic', user: 'me', password: '' } });
    expect(await add(change)).to.deep.equal(['changed']);
    expect(await add(change)).to.deep.equal(['kept']);
    expect((await columns())[0]?.row).to.include({
      check_interval: '00:00:05',
      max_redirects: 3,
      basic_auth_user: 'me',
      bearer_token: null,
      version: 2,
    });
  });

  it('resumes a paused target', async () => {
    await add();
    await db.psql.query('UPDATE monitored_targets SET enabled = false');
    expect(await add()).to.deep.equal(['changed']);
    expect((await columns())[0]?.row).to.include({ enabled: true });
  });

  it('adds many in one statement, and says of each in order what became of it', async () => {
    const urls = Array.from({ length: 300 }, (_, index) => `https://example.org/${index}`);
    const texts: string[] = [];
    const noted: Database = {
      ...db.database,
      transaction: work =>
        db.database.transaction(query =>
          work((text, ...rest) => {
            texts.push(text);
            return query(text, ...rest);
          }),
        ),
    };
    const changes = (await addTargets(noted, { urls })).map(({ change }) => change);
    expect(texts.filter(text => text.includes('put_targets'))).to.have.length(1);
    expect(changes).to.deep.equal(urls.map(() => 'added'));
    expect(await add(aDraft(), ['https://example.org/new', ...urls.slice(0, 2)])).to.deep.equal([
      'added',
      'kept',
      'kept',
    ]);
  });

  it('looks each up by an index, however many there are', async () => {
    const urls = (from: number) => Array.from({ length: 300 }, (_, n) => `https://example.org/${from + n}`);
    await add(aDraft(), urls(0));
    const given = JSON.stringify(
      urls(300).map(url => ({ columns: { url, method: 'GET' }, spellings: [url], needs_present: false })),
    );
    await db.psql.query('BEGIN');
    await db.psql.query(statement('import-targets'), [given, JSON.stringify(DEFAULTS)]);
    const [read] = await db.rows<{ rows: number }>(
      "SELECT seq_tup_read::integer AS rows FROM pg_stat_xact_user_tables WHERE relname = 'monitored_targets'",
    );
    await db.psql.query('ROLLBACK');
    expect(read?.rows).to.be.at.most(20 * 300); // 182,400 if it read the table for each of them
  });

  it('names every URL and field that is invalid, and adds none', async () => {
    const draft = { everyMs: -5, headers: { 'a b': 's3cret' } };
    const failure = await failureOf(addTargets(db.database, { urls: [...URLS, 'nowhere'], draft }));
    expect(failure).to.be.an.instanceOf(RangeError);
    expect(failure.message).to.match(
      /^urls\[1\]: must be an http.*; draft\.everyMs: .*; draft\.headers: [^3]*$/,
    );
    expect(await columns()).to.deep.equal([]);
  });

  it('adds a target after the one it depends on', async () => {
    await addAllTargets(db.database, [
      { urls: ['https://example.org/'], draft: { key: 'parent' } },
      { urls: ['https://example.org/child'], draft: { dependsOn: 'parent' } },
    ]);
    expect(await db.rows('SELECT FROM monitored_targets WHERE depends_on IS NOT NULL')).to.have.length(1);
  });

  it('identifies a target by URL and method', async () => {
    expect(await add(aDraft(), [...URLS, ...URLS])).to.deep.equal(['added', 'kept']);
    expect(await add(aDraft({ method: 'HEAD' }))).to.deep.equal(['added']);
    expect(await columns()).to.have.length(2);
  });
});
