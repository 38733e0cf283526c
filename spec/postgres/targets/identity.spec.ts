import { expect } from 'chai';
import { addTargets } from '../../../lib/postgres/targets/add-targets.ts';
import { importTargets } from '../../../lib/postgres/targets/import-targets.ts';
import type { TargetDraft } from '../../../lib/targets/target-draft.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';

const URL_A = 'https://a.example/';

describe('A target', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  const add = async (draft: TargetDraft, url = URL_A) =>
    (await addTargets(db.database, { urls: [url], draft }))[0];
  const importing = async (...given: Record<string, unknown>[]) =>
    importTargets(
      db.database,
      given.map(columns => ({
        columns: { url: URL_A, method: 'GET', ...columns },
        givenUrl: String(columns.url ?? URL_A),
        needsPresent: false,
      })),
      { addedBefore: 0, dryRun: false },
    );
  const changes = async (...given: Record<string, unknown>[]) =>
    (await importing(...given)).map(one => (one.change === 'refused' ? one.reason : one.change));
  const insert = (columns: string, values: string) =>
    db.psql.query(`INSERT INTO monitored_targets (${columns}) VALUES (${values})`);
  const targets = () =>
    db.rows('SELECT id::integer, key, url, managed_by FROM monitored_targets ORDER BY id');

  describe('is known', () => {
    it('by its key, whatever its URL, which an edit may change', async () => {
      await insert('url, key', "'https://old.example/', 'shop'");
      expect(await changes({ key: 'shop' })).to.deep.equal(['changed']);
      expect(await targets()).to.deep.equal([{ id: 1, key: 'shop', url: URL_A, managed_by: null }]);
      expect(await changes({ key: 'shop' })).to.deep.equal(['kept']);
    });

    it('else by URL and method, and takes the given key', async () => {
      await insert('url', "'https://a.example'");
      expect(await changes({ url: 'https://a.example', key: 'shop' })).to.deep.equal(['changed']);
      expect(await targets()).to.deep.equal([
        { id: 1, key: 'shop', url: 'https://a.example', managed_by: null },
      ]);
    });

    it('not by a URL that has another key or owner', async () => {
      await insert('url, key', `'${URL_A}', 'other'`);
      await insert('url, managed_by', `'${URL_A}', 'b.yaml'`);
      expect(await changes({ key: 'shop', managed_by: 'a.yaml' })).to.deep.equal(['added']);
      expect(await changes({ key: 'mine', managed_by: 'b.yaml' })).to.deep.equal(['changed']);
      expect((await targets()).map(({ key }) => key)).to.deep.equal(['other', 'mine', 'shop']);
    });

    it('without a key only among targets without one, and names a keyed target with the same URL', async () => {
      await insert('url, key', `'${URL_A}', 'shop'`);
      expect(await add({})).to.deep.equal({ url: URL_A, change: 'added', keyed: 'shop' });
      expect(await add({})).to.deep.equal({ url: URL_A, change: 'kept', keyed: null });
      expect(await add({ key: 'shop', name: 'The shop' })).to.include({ change: 'changed', keyed: null });
      expect((await targets()).map(({ key }) => key)).to.deep.equal(['shop', null]);
    });

    it('by its id throughout: changing the key keeps the history', async () => {
      await insert('url, key', `'${URL_A}', 'shop'`);
      await db.psql.query("UPDATE monitored_targets SET key = 'store'");
      expect(await db.rows('SELECT id::integer, version, revision FROM monitored_targets')).to.deep.equal([
        { id: 1, version: 1, revision: 2 },
      ]);
    });
  });

  it('has a unique key', async () => {
    await insert('url, key', "'http://a/', 'shop'");
    const refused = await insert('url, key', "'http://b/', 'shop'").catch(error => error);
    expect(refused.constraint).to.equal("key must be unlike every other target's");
  });

  it('starts at version and revision 1, created by the inserting role, whatever the INSERT says', async () => {
    const [row] = await db.rows(
      `INSERT INTO monitored_targets (url, version, revision, created_by) VALUES ('http://a/', 7, 7, 'me')
       RETURNING version, revision, created_by = session_user AS ours`,
    );
    expect(row).to.deep.equal({ version: 1, revision: 1, ours: true });
  });

  it('keeps its schedule when fields for people are edited', async () => {
    await add({});
    const schedule = () => db.rows('SELECT * FROM target_leases');
    const before = await schedule();
    expect(
      await add({ key: 'a', name: 'A', labels: { team: 'web' }, notes: 'n', slowAboveMs: 500 }),
    ).to.include({
      change: 'changed',
    });
    expect(await schedule()).to.deep.equal(before);
  });

  it('refuses a text with NUL, and names its line', async () => {
    const imported = await importing({ notes: 'a\0b' }, { url: 'https://b.example/' });
    expect(imported.map(({ change }) => change)).to.deep.equal(['refused', 'added']);
  });

  describe('may depend on another', () => {
    beforeEach(() =>
      db.psql.query(
        "INSERT INTO monitored_targets (url, key) SELECT 'http://' || k, k FROM unnest('{a,b,c}'::text[]) AS k",
      ),
    );
    const depend = (key: string, on: string, session = db.psql) =>
      session
        .query(
          `UPDATE website_monitor.monitored_targets SET depends_on = (SELECT id FROM website_monitor.monitored_targets WHERE key = '${on}')
           WHERE key = '${key}'`,
        )
        .then(
          () => 'done',
          (error: { constraint?: string }) => error.constraint,
        );

    it('that a file names by its key', async () => {
      expect(
        await changes({ key: 'new', depends_on: 'b' }, { key: 'a', url: 'http://a', depends_on: 'none' }),
      ).to.deep.equal(['added', 'depends_on must name a target that is there']);
      expect(
        await db.rows("SELECT depends_on::integer FROM monitored_targets WHERE key = 'new'"),
      ).to.deep.equal([{ depends_on: 2 }]);
      const [exported] = await db.rows(
        "SELECT columns->>'depends_on' AS parent FROM get_targets(3, NULL, '{}', 1)",
      );
      expect(exported).to.deep.equal({ parent: 'b' });
    });

    it('but not in a chain, in a circle or on itself', async () => {
      const chain = 'depends_on must be one deep: no chains, no cycles';
      expect(await depend('a', 'b')).to.equal('done');
      expect(await depend('c', 'a')).to.equal(chain);
      expect(await depend('b', 'c')).to.equal(chain);
      expect(await depend('b', 'a')).to.equal(chain);
      expect(await depend('c', 'c')).to.equal('depends_on must name another target');
    });

    it('not in a chain that two transactions create together', async () => {
      const other = await psqlLike(db.dsn);
      await db.psql.query('BEGIN');
      expect(await depend('a', 'b')).to.equal('done');
      const waiting = depend('b', 'c', other);
      await db.psql.query('COMMIT');
      expect(await waiting).to.equal('depends_on must be one deep: no chains, no cycles');
      await other.end();
    });

    it('until that is deleted', async () => {
      await depend('a', 'b');
      await db.psql.query("DELETE FROM monitored_targets WHERE key = 'b'");
      expect(
        await db.rows("SELECT depends_on, version FROM monitored_targets WHERE key = 'a'"),
      ).to.deep.equal([{ depends_on: null, version: 1 }]);
    });
  });
});
