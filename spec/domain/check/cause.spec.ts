import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { aboutCause, DOWN_CAUSES, isOurTrouble, UNKNOWN_CAUSES } from '../../../lib/domain/check/cause.ts';
import { causesTable } from '../../../scripts/support/causes-table.ts';
import { type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

const CAUSES = [...DOWN_CAUSES, ...UNKNOWN_CAUSES];

describe('The causes', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());

  it('are the same in the database', async () => {
    const rows = await db.rows<{ cause: string }>(
      'SELECT unnest(enum_range(NULL::check_cause))::text AS cause',
    );
    expect(rows.map(({ cause }) => cause)).to.have.members(CAUSES);
  });

  it('are documented, each with its meaning and remedy', () => {
    expect(readFileSync('docs/CAUSES.md', 'utf8')).to.include(
      `<!-- causes -->\n${causesTable()}\n<!-- /causes -->`,
    );
    for (const cause of CAUSES) {
      expect(aboutCause(cause).means).to.match(/^\S.*[^.]$/);
      expect(aboutCause(cause).remedy).to.match(/^\S.*[^.]$/);
    }
  });

  it('blame either the website or us', () => {
    expect(DOWN_CAUSES.filter(isOurTrouble)).to.deep.equal([]);
    expect(UNKNOWN_CAUSES.every(isOurTrouble)).to.equal(true);
  });
});
