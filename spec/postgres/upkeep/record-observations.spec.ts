import { expect } from 'chai';
import { from, lastValueFrom, map } from 'rxjs';
import sinon from 'sinon';
import type { Certificate } from '../../../lib/domain/check/certificate.ts';
import type { Check } from '../../../lib/domain/check/check.ts';
import type { Lease } from '../../../lib/domain/check/lease.ts';
import type { Match } from '../../../lib/domain/check/match.ts';
import type { Database } from '../../../lib/postgres/database.ts';
import { recordObservations } from '../../../lib/postgres/upkeep/record-observations.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';
import { checked, handDrivenWorker } from '../../support/worker.ts';

const CERTIFICATE: Certificate = {
  expiresAtMs: Date.UTC(2030, 0, 1),
  host: 'localhost',
  subject: 'a website',
  issuer: 'an authority',
  fingerprint: 'ab12',
};
const OVERRUN: Match = { kind: 'overrun' };
const INVALID: Match = { kind: 'invalid', detail: 'missing )' };
const FOUND: Match = { kind: 'found' };

describe('recordObservations', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    await db.psql.query(
      "INSERT INTO monitored_targets (url, check_interval, regex_pattern) VALUES ('https://localhost:1/', '1 h', 'a.b')",
    );
  });

  const lease = async (): Promise<Lease> => {
    await db.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '1 ms'");
    const [leased] = (await handDrivenWorker(db.database).lease(1)).leases;
    if (!leased) throw new Error('nothing was due');
    return leased;
  };
  /** One worker: what it is handed batch after batch, and what it sends. */
  const recording = (through: Database = db.database) => {
    const query = sinon.spy(through.query);
    const onTrouble = sinon.fake();
    let nowMs = 0;
    const record = recordObservations({ ...through, query } as Database, {
      onTrouble,
      monotonicMs: () => nowMs,
    });
    const batch = (recorded: readonly Check[]) => ({
      settled: recorded,
      recorded,
      transitions: [],
      lostLeaseCount: 0,
      rejectedCount: 0,
    });
    return {
      query,
      onTrouble,
      pass: (ms: number) => {
        nowMs += ms;
      },
      record: (...checks: Check[]) =>
        lastValueFrom(from([checks]).pipe(map(batch), record), { defaultValue: null }),
    };
  };
  const presenting = async (certificate: Partial<Certificate> = {}) => ({
    ...checked(await lease()),
    certificate: { ...CERTIFICATE, ...certificate },
  });
  const matching = async (match: Match) => ({ ...checked(await lease()), match });
  const certificates = () =>
    db.rows(
      'SELECT target_id, extract(epoch FROM expires_at)::float8 * 1000 AS at, host, subject, fingerprint_sha256 AS print FROM target_certificates',
    );
  const marks = async () =>
    (
      await db.rows(
        'SELECT regex_breaches AS overruns, regex_problem AS problem, version FROM monitored_targets',
      )
    )[0];
  const KEPT = {
    target_id: '1',
    at: CERTIFICATE.expiresAtMs,
    host: 'localhost',
    subject: 'a website',
    print: 'ab12',
  };

  describe('certificates', () => {
    it('are recorded for each target, and again only when they change', async () => {
      const { record, query } = recording();
      await record(await presenting());
      expect(await certificates()).to.deep.equal([KEPT]);
      await record(await presenting());
      sinon.assert.calledOnce(query);
      await record(await presenting({ fingerprint: 'cd34', expiresAtMs: 5_000 }));
      expect(await certificates()).to.deep.equal([{ ...KEPT, print: 'cd34', at: 5_000 }]);
    });

    it('are recorded again after an hour, since another worker may have recorded another meanwhile', async () => {
      const { record, pass } = recording();
      await record(await presenting());
      await recording().record(await presenting({ fingerprint: 'other' }));
      pass(3_600_001);
      await record(await presenting());
      expect(await certificates()).to.deep.equal([KEPT]);
    });

    it('go with their target, and with its url', async () => {
      const { record } = recording();
      await record(await presenting());
      await db.psql.query("UPDATE monitored_targets SET url = 'https://localhost:2/'");
      expect(await certificates()).to.deep.equal([]);
      await record(await presenting());
      expect(await certificates()).to.deep.equal([KEPT]);
      await db.psql.query('DELETE FROM monitored_targets');
      expect(await certificates()).to.deep.equal([]);
    });

    it('are removed with a disabled target, since no check would see a renewal, and recorded again after it is enabled', async () => {
      const { record } = recording();
      await record(await presenting());
      await db.psql.query('UPDATE monitored_targets SET enabled = false');
      expect(await certificates()).to.deep.equal([]);
      await db.psql.query('UPDATE monitored_targets SET enabled = true');
      await record(await presenting());
      expect(await certificates()).to.deep.equal([KEPT]);
    });

    it('are left as they are in a user’s open transaction, without waiting for it', async () => {
      await recording().record(await presenting());
      const renewed = await presenting({ fingerprint: 'cd34' });
      const user = await psqlLike(db.dsn);
      for (const edit of [
        "UPDATE website_monitor.monitored_targets SET url = 'https://localhost:2/'",
        'DELETE FROM website_monitor.monitored_targets',
      ]) {
        await user.query(`BEGIN; ${edit}`);
        const { record, onTrouble } = recording();
        await record(renewed);
        await user.query('ROLLBACK');
        sinon.assert.notCalled(onTrouble); // such as a statement that was given up
        expect(await certificates()).to.deep.equal([KEPT]);
      }
      await user.end();
    });

    it('are not recorded if their target was deleted or edited during its check', async () => {
      const edited = await presenting();
      await db.psql.query("UPDATE monitored_targets SET url = 'https://localhost:2/'");
      await recording().record(edited);
      const deleted = await presenting();
      await db.psql.query('DELETE FROM monitored_targets');
      await recording().record(deleted);
      expect(await certificates()).to.deep.equal([]);
    });
  });

  describe('patterns', () => {
    it('are set aside by three overruns in a row, and without a new version or check', async () => {
      const { record } = recording();
      await record(await matching(OVERRUN));
      await record(await matching(OVERRUN));
      expect(await marks()).to.deep.equal({ overruns: 2, problem: null, version: 1 });
      await record(await matching(OVERRUN));
      expect(await marks()).to.deep.include({ overruns: 3, version: 1 });
      expect((await marks())?.problem).to.match(/^set aside: .* 3 times in a row/);
      expect((await lease()).target.pattern).to.include({ overruns: 3, text: 'a.b' });
      const [{ due } = {}] = await db.rows('SELECT next_fire_at < now() AS due FROM target_leases');
      expect(due).to.equal(false);
    });

    it('are not marked with findings from before they were edited', async () => {
      const invalid = await matching(INVALID);
      await db.psql.query("UPDATE monitored_targets SET regex_pattern = 'a.c'");
      await recording().record(invalid);
      expect(await marks()).to.deep.equal({ overruns: 0, problem: null, version: 2 });
    });

    it('are forgiven by a search that ends in time', async () => {
      const { record } = recording();
      await record(await matching(OVERRUN));
      await record(await matching(FOUND));
      expect(await marks()).to.deep.equal({ overruns: 0, problem: null, version: 1 });
    });

    it('that are invalid are marked with the problem at once', async () => {
      await recording().record(await matching(INVALID));
      expect(await marks()).to.deep.equal({ overruns: 0, problem: 'missing )', version: 1 });
    });

    for (const [what, statement] of [
      ['an edit of them', "UPDATE monitored_targets SET regex_pattern = 'c'"],
      ['whoever clears the mark', 'UPDATE monitored_targets SET regex_problem = NULL'],
    ] as const) {
      it(`are run again by ${what}`, async () => {
        for (let overrun = 1; overrun <= 3; overrun++) await recording().record(await matching(OVERRUN));
        await db.psql.query(statement);
        expect(await marks()).to.deep.include({ overruns: 0, problem: null });
      });
    }

    it('cost nothing if nothing about them changed', async () => {
      const { record, query } = recording();
      await record(await matching(FOUND));
      sinon.assert.notCalled(query);
    });

    it('are left as they are in a user’s open transaction, without waiting for it', async () => {
      const overrun = await matching(OVERRUN);
      const user = await psqlLike(db.dsn);
      await user.query("BEGIN; UPDATE website_monitor.monitored_targets SET method = 'PUT'");
      const { record, onTrouble } = recording();
      await record(overrun);
      await user.query('ROLLBACK');
      sinon.assert.notCalled(onTrouble);
      await user.end();
      expect(await marks()).to.deep.equal({ overruns: 0, problem: null, version: 1 });
    });
  });

  it('drops observations that come too fast, since the next check shows the same', async () => {
    const check = await presenting();
    const of = (id: number): Check => ({
      ...check,
      lease: { ...check.lease, target: { ...check.lease.target, id: String(id) } },
    });
    const recorded: unknown[] = [];
    const query = async (_text: string, [ids]: unknown[][]) => {
      recorded.push(...(ids ?? []));
      return [];
    };
    await recording({ ...db.database, query } as unknown as Database).record(
      ...Array.from({ length: 9_000 }, (_, id) => of(id)),
    );
    expect(recorded.length).to.be.within(2_000, 3_000); // a few more if some were recorded meanwhile
  });

  it('reports observations that cannot be recorded, and continues: the next check shows the same', async () => {
    let failures = 1;
    const failing = {
      ...db.database,
      query: (...args: Parameters<Database['query']>) =>
        failures-- > 0 ? Promise.reject(new Error('gone')) : db.database.query(...args),
    } as Database;
    const { record, onTrouble } = recording(failing);
    await record(await presenting());
    sinon.assert.calledOnce(onTrouble);
    await record(await presenting());
    expect(await certificates()).to.deep.equal([KEPT]);
  });
});
