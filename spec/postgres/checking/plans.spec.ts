import { expect } from 'chai';
import { type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import {
  fillTables,
  pagesOfTurns,
  type StatementAtWork,
  statementsAtWork,
} from '../../support/statements-at-work.ts';

const FEW = 1_000;
const MANY = 200_000;

/** While the tables grow 200-fold: trees gain a level, and a small table may be read from end to end. */
const GROWTH_MAX = 3;

describe('plans, under generic plans', () => {
  const opened: MigratedDatabase[] = [];
  after(() => Promise.all(opened.map(db => db.drop())));

  /** First with the statistics of a table of ten rows, then with true ones. */
  const measure = async (count: number) => {
    const db = await migratedDatabase();
    opened.push(db);
    await fillTables(db.psql, count);
    const stale = await statementsAtWork(db.dsn, db.psql, 'force_generic_plan');
    await db.psql.query('ANALYZE');
    return { stale, fresh: await statementsAtWork(db.dsn, db.psql, 'force_generic_plan') };
  };

  let few: Record<'stale' | 'fresh', StatementAtWork[]>;
  let many: Record<'stale' | 'fresh', StatementAtWork[]>;
  before(async function () {
    this.timeout(120_000);
    few = await measure(FEW);
    many = await measure(MANY);
  });

  for (const statistics of ['stale', 'fresh'] as const) {
    it(`scan no table with ${statistics} statistics`, () => {
      const scans = [...few[statistics], ...many[statistics]].flatMap(({ name, tablesScanned }) =>
        tablesScanned.map(table => `${name} scans ${table}`),
      );
      expect(scans).to.deep.equal([]);
    });

    it(`read as many pages per slot with ${MANY} targets as with ${FEW}, with ${statistics} statistics`, () => {
      for (const [index, { name, buffersEach }] of many[statistics].entries()) {
        const fewBuffers = few[statistics][index]?.buffersEach ?? Number.NaN;
        expect(buffersEach / fewBuffers, `${name}: ${fewBuffers} → ${buffersEach}`).to.be.at.most(GROWTH_MAX);
      }
    });
  }

  it('read as many pages per slot when every target of a batch changes state, however many targets there are', async () => {
    const [db] = opened;
    if (!db) throw new Error('no database was filled');
    const [downOfFew = 0, upOfFew = 0] = await pagesOfTurns(db.dsn, db.psql, 20);
    const [downOfMany, upOfMany] = await pagesOfTurns(db.dsn, db.psql, 400);
    expect(downOfMany, `down: ${downOfFew} → ${downOfMany}`).to.be.below(downOfFew * 1.5);
    expect(upOfMany, `up: ${upOfFew} → ${upOfMany}`).to.be.below(upOfFew * 1.5);
  });
});
