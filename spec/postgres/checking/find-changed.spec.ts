import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { findChanged } from '../../../lib/postgres/checking/find-changed.ts';
import { type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { handDrivenWorker } from '../../support/worker.ts';

describe('findChanged', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());

  it('finds which leased targets were deleted, disabled or edited, and no others', async () => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url) SELECT 'http://localhost:1/' || number FROM generate_series(1, 5) AS number`,
    );
    const { leases } = await handDrivenWorker(db.database).lease(5);
    await db.psql.query(`
      DELETE FROM monitored_targets WHERE id = 1;
      UPDATE monitored_targets SET enabled = false WHERE id = 2;
      UPDATE monitored_targets SET method = 'HEAD' WHERE id = 3;
      UPDATE monitored_targets SET notes = 'changes nothing that is checked' WHERE id = 4`);
    const troubles: unknown[] = [];
    const look = findChanged(db.database, error => void troubles.push(error));
    expect(await lastValueFrom(look(leases))).to.have.deep.members([
      { targetId: '1', version: 1, change: 'target_deleted' },
      { targetId: '2', version: 1, change: 'target_disabled' },
      { targetId: '3', version: 1, change: 'target_edited' },
    ]);
    expect(troubles).to.deep.equal([]);
  });

  it('reports a failed query, and finds nothing', async () => {
    const troubles: unknown[] = [];
    const failing = { ...db.database, query: () => Promise.reject(new Error('cut')) };
    const look = findChanged(failing, error => void troubles.push(error));
    expect(await lastValueFrom(look([]).pipe(toArray()))).to.deep.equal([]);
    expect(troubles).to.have.length(1);
  });
});
