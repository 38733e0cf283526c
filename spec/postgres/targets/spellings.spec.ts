import { expect } from 'chai';
import { addTargets } from '../../../lib/postgres/targets/add-targets.ts';
import { removeTargets, switchTargets } from '../../../lib/postgres/targets/edit-targets.ts';
import { importTargets } from '../../../lib/postgres/targets/import-targets.ts';
import { showTarget } from '../../../lib/postgres/targets/show-target.ts';
import { statement } from '../../../lib/sql/sql-file.ts';
import { websiteUrl } from '../../../lib/targets/target-rules.ts';
import { explained, tablesScanned } from '../../support/explained.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

/** Each a spelling that SQL inserted, and one that is given later. */
const SAME = [
  ['https://example.org', 'https://example.org/'],
  ['https://example.org?a=1', 'https://example.org/?a=1'],
  ['HTTPS://Example.ORG/Path', 'https://example.org/Path'],
  ['https://example.org:443/', 'https://example.org'],
  ['https://example.org:0443/', 'https://example.org/'],
  ['http://example.org:80/a', 'http://EXAMPLE.org/a'],
  ['https://example.org/#', 'https://example.org/'],
  ['https://example.org/', 'https://example.org/#'],
  ['https://example.org/./a/../b', 'https://example.org/b'],
  ['https://example.org/a/%2E%2e/b', 'https://example.org/b'],
  ['https://example.org\\a', 'https://example.org/a'],
  ['https://example.org/é?é', 'https://example.org/%C3%A9?%C3%A9'],
  ['https://example.org/{a}', 'https://example.org/%7Ba%7D'],
  ["https://example.org/?it's", 'https://example.org/?it%27s'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ['https://xn--bcher-kva.example/', 'https://Bücher.example/'],
  ['https://XN--BCHER-KVA.example', 'https://bücher.example/'],
  ['https://ex%61mple.org/', 'https://example.org/'],
  ['https://ｅｘａｍｐｌｅ.org/', 'https://example.org/'],
  ['http://127.1/', 'http://127.0.0.1/'],
  ['http://0x7f.0.0.1', 'http://127.0.0.1'],
  ['http://127.0.0.1', 'http://127.0.0.1:80/'],
  ['http://[0:0:0:0:0:0:0:1]/', 'http://[::1]/'],
  ['https://example.org/%7ea', 'https://example.org/%7ea'],
] as const;

/** URLs that servers may tell apart. */
const DIFFERENT = [
  ['https://example.org/A', 'https://example.org/a'],
  ['https://example.org/%7ea', 'https://example.org/~a'],
  ['https://example.org/?', 'https://example.org/'],
  ['https://example.org/a/', 'https://example.org/a'],
  ['https://example.org./', 'https://example.org/'],
  ['https://example.org/#a', 'https://example.org/'],
  ['http://example.org/', 'https://example.org/'],
  ['https://example.org:80/', 'https://example.org/'],
] as const;

describe('A target that SQL inserted in another spelling of its URL', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  const insert = (url: string) => db.psql.query('INSERT INTO monitored_targets (url) VALUES ($1)', [url]);
  const normal = (url: string) => websiteUrl.parse(url);
  const urls = async () =>
    (await db.rows<{ url: string }>('SELECT url FROM monitored_targets')).map(({ url }) => url);

  for (const [stored, given] of SAME) {
    it(`is known as ${given} if it is ${stored}`, async () => {
      await insert(stored);
      const [added] = await addTargets(db.database, { urls: [given] });
      expect(added?.change).to.equal('kept');
      const target = { columns: { url: normal(given), method: 'GET' }, givenUrl: given, needsPresent: false };
      const settings = { addedBefore: 0, dryRun: false };
      expect(await importTargets(db.database, [target], settings)).to.deep.equal([{ change: 'kept' }]);
      expect(await urls()).to.deep.equal([stored]);
      const named = { names: { ids: [], keys: [], urls: [normal(given)] }, labels: {} };
      const before = await showTarget(db.database, { url: normal(given) }, 1);
      expect(before?.found).to.equal(1);
      expect((await switchTargets(db.database, named, false))[0]?.changed).to.equal(true);
      expect(await removeTargets(db.database, named)).to.have.length(1);
    });
  }

  for (const [stored, given] of DIFFERENT) {
    it(`is another than ${given} if it is ${stored}`, async () => {
      await insert(stored);
      const [added] = await addTargets(db.database, { urls: [given] });
      expect(added?.change).to.equal('added');
    });
  }

  it('is known in each of several spellings, by its method', async () => {
    await db.psql.query(
      "INSERT INTO monitored_targets (url, method) VALUES ('https://example.org', 'HEAD'), ('HTTPS://EXAMPLE.ORG', 'GET')",
    );
    const [added] = await addTargets(db.database, { urls: ['https://example.org/'] });
    expect(added?.change).to.equal('kept');
  });

  it('is looked for among all URLs that are not in their normal form, whatever character they contain', async () => {
    const characters = [...Array(94).keys()]
      .map(code => String.fromCharCode(0x21 + code))
      .concat('é', '%2e', '%41');
    const urls = characters.flatMap(one =>
      ['', `${one}.`, `.${one}`, '1.2.3.', '0x'].flatMap(host =>
        [`h${one}`, `${host}${one}`, `${host}a`].flatMap(name => [
          `http://${name}/`,
          `http://a/${host}${one}`,
          `http://a/${one}/${host}?${one}#${one}`,
          `http://a:8${one}/`,
        ]),
      ),
    );
    const rows = await db.rows<{ url: string; host: string; normal: boolean }>(
      'SELECT url, url_is_normal(url) AS normal, url_host(url) AS host FROM unnest($1::text[]) AS url',
      [urls],
    );
    const wrong = rows.filter(({ url, host, normal: isNormal }) => {
      const { data } = websiteUrl.safeParse(url);
      if (data === undefined) return false;
      return (isNormal && data !== url) || (host !== '' && new URL(data).hostname !== host);
    });
    expect(wrong).to.deep.equal([]);
    expect(rows.filter(({ normal: isNormal }) => isNormal)).to.not.be.empty;
  });

  it('is found without reading the other targets', async () => {
    await db.psql.query(
      "INSERT INTO monitored_targets (url) SELECT 'https://example.org/' || n FROM generate_series(1, 5000) AS n",
    );
    await insert('https://example.org');
    const { database, planOf } = await explained(db.dsn, 'force_generic_plan');
    const [added] = await addTargets(database, { urls: ['https://example.org/'] });
    await database.close();
    expect(added?.change).to.equal('kept');
    const plan = planOf(statement('find-spellings'));
    expect(tablesScanned(plan)).to.deep.equal([]);
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).to.be.below(20);
  });
});
