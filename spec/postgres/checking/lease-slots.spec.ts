import { expect } from 'chai';
import type { LeasePass } from '../../../lib/checking/ports.ts';
import { leaseSlackMs } from '../../../lib/domain/check/lease.ts';
import { connectDatabase } from '../../../lib/postgres/database.ts';
import { aPattern, aTarget } from '../../support/a-target.ts';
import {
  emptyTables,
  type MigratedDatabase,
  migratedDatabase,
  setGridsApart,
} from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';
import { checked, handDrivenWorker, returned, skipped } from '../../support/worker.ts';

describe('leasing', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  /** As if the schedule had last been looked at that long ago. */
  const sleepFor = (duration: string) =>
    db.psql.query('UPDATE target_leases SET next_fire_at = next_fire_at - $1::interval', [duration]);
  const expire = () => db.psql.query("UPDATE lease_batches SET expires_at = now() - interval '1 ms'");
  const insertTargets = async (count: number, interval = '60 s') => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, check_interval)
       SELECT 'http://localhost:1/' || number, $2::interval FROM generate_series(1, $1::integer) AS number`,
      [count, interval],
    );
    await setGridsApart(db.psql);
  };

  it('leases a new target at once, with everything that its check needs', async () => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, method, check_interval, default_headers, regex_pattern, timeout)
       VALUES ('http://localhost:1/', 'POST', '5 s', '{"accept": "text/plain"}', 'a.c', '2.5 s')`,
    );
    const { leases } = await handDrivenWorker(db.database).lease(10);
    const [{ createdBy } = { createdBy: '' }] = await db.rows<{ createdBy: string }>(
      'SELECT session_user AS "createdBy"',
    );
    expect(leases).to.have.length(1);
    const own = { id: '1', url: 'http://localhost:1/', method: 'POST', timeoutMs: 2_500 } as const;
    expect(leases[0]?.target).to.deep.equal(
      aTarget({ ...own, headers: { accept: 'text/plain' }, pattern: aPattern('a.c'), createdBy }),
    );
  });

  it('returns the target’s own settings, in the units that the check takes', async () => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, method, request_body, accepted_statuses, max_redirects, regex_pattern,
         regex_must_match, max_latency, ip_family, verify_tls, legacy_tls, min_certificate_validity, basic_auth_user,
         basic_auth_password)
       VALUES ('http://localhost:1/', 'PUT', 'é', '200-299, 401, 999', 0, 'a', false, '1.5 s', 6, false, true, '7 d', 'me', 'pass')`,
    );
    const { leases } = await handDrivenWorker(db.database).lease(10);
    expect(leases[0]?.target).to.deep.include({
      requestBody: 'é',
      acceptedStatuses: [
        [200, 299],
        [401, 401],
        [999, 999],
      ],
      redirectsMax: 0,
      pattern: aPattern('a', { mustMatch: false }),
      latencyMaxMs: 1_500,
      ipFamily: 6,
      verifiesTls: false,
      acceptsLegacyTls: true,
      certificateValidityMinMs: 7 * 86_400_000,
      credentials: { kind: 'basic', user: 'me', password: 'pass' },
    });
    await db.psql.query(
      "UPDATE monitored_targets SET basic_auth_user = NULL, basic_auth_password = NULL, bearer_token = 't'",
    );
    const [again] = (await handDrivenWorker(db.database).lease(10)).leases;
    expect(again?.target.credentials).to.deep.equal({ kind: 'bearer', token: 't' });
  });

  describe('ahead', () => {
    const AHEAD = { aheadMs: 250 };
    const dueIn = (duration: string) =>
      db.psql.query(
        `UPDATE target_leases SET grid_origin = now() + $1::interval, next_fire_at = now() + $1::interval`,
        [duration],
      );

    it('leases a slot that falls due soon, and advances the target to the next one', async () => {
      await insertTargets(1, '10 s');
      await dueIn('200 ms');
      const [lease] = (await handDrivenWorker(db.database, AHEAD).lease(10)).leases;
      const [row] = await db.rows(
        `SELECT $1::timestamptz > now() - interval '100 ms' AS is_ahead,
           next_fire_at - $1::timestamptz = interval '10 s' AS is_next FROM target_leases`,
        [lease?.slot.scheduledAt],
      );
      expect(row).to.deep.equal({ is_ahead: true, is_next: true });
      expect(await db.rows('SELECT * FROM check_gaps')).to.deep.equal([]);
    });

    it('leaves later slots alone, and says when the next one falls due', async () => {
      await insertTargets(1, '10 s');
      await dueIn('400 ms');
      const pass = await handDrivenWorker(db.database, AHEAD).lease(10);
      expect(pass.leases).to.deep.equal([]);
      expect(pass.nextDueInMs).to.be.within(200, 400);
    });

    it('runs an overdue slot rather than skip it for a coming one', async () => {
      await insertTargets(1, '1 s');
      await dueIn('-800 ms');
      const worker = handDrivenWorker(db.database, AHEAD);
      const [overdue] = (await worker.lease(10)).leases;
      const [next] = (await worker.lease(10)).leases;
      expect((next?.scheduledAtMs ?? 0) - (overdue?.scheduledAtMs ?? 0)).to.equal(1_000);
      expect(await db.rows('SELECT * FROM check_gaps')).to.deep.equal([]);
    });

    for (const [what, edit] of [
      ['edited', "UPDATE monitored_targets SET url = url || '/edited'"],
      [
        'disabled and enabled',
        'UPDATE monitored_targets SET enabled = false; UPDATE monitored_targets SET enabled = true',
      ],
    ] as const) {
      it(`never leases a slot twice if its target was ${what} before it fell due`, async () => {
        await insertTargets(1, '1 s');
        await dueIn('200 ms');
        const worker = handDrivenWorker(db.database, AHEAD);
        const [before] = (await worker.lease(10)).leases;
        await db.psql.query(edit);
        const [after] = (await worker.lease(10)).leases;
        expect(after?.slot.scheduledAt).to.not.equal(before?.slot.scheduledAt);
        expect((after?.scheduledAtMs ?? 0) - (before?.scheduledAtMs ?? 0)).to.be.within(0, 1);
        expect(after?.target.version).to.be.above(before?.target.version ?? 0);
        expect(await db.rows('SELECT * FROM check_gaps')).to.deep.equal([]);
      });
    }
  });

  for (const [timeoutMs, slackMs] of [
    [4_000, 4_000],
    [8_000, 5_000],
  ] as const) {
    it(`lasts for attempts of ${timeoutMs} ms, ${slackMs} ms of slack and the margin, also when it is taken over`, async () => {
      await insertTargets(1);
      const settings = { timeoutMs, leaseMarginMs: 3_000, attemptsMax: 2 };
      for (const by of ['first', 'heir']) {
        const { leases } = await handDrivenWorker(db.database, settings).lease(1);
        expect(leases, by).to.have.length(1);
        const [{ lasts } = { lasts: 0 }] = await db.rows<{ lasts: number }>(
          'SELECT extract(epoch FROM expires_at - leased_at)::float8 * 1000 AS lasts FROM lease_batches',
        );
        expect(lasts, by).to.equal(2 * timeoutMs + slackMs + 3_000);
        expect(leaseSlackMs(timeoutMs), 'as the check counts on').to.equal(slackMs);
        await expire();
      }
    });
  }

  describe('if more is due than it can lease', () => {
    /** Targets of one interval in that share, all due since then. */
    const insertDue = async (share: number, count: number, since: string) => {
      await db.psql.query('INSERT INTO creators VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        `role ${share}`,
        share,
      ]);
      await db.psql.query(
        `INSERT INTO monitored_targets (url, check_interval)
         SELECT format('http://localhost:1/%s/%s', $1::integer, number), '1 h' FROM generate_series(1, $2::integer) AS number`,
        [share, count],
      );
      await db.psql.query(
        `UPDATE target_leases SET share = $1::integer, next_fire_at = now() - $2::interval
         FROM monitored_targets WHERE id = monitored_target_id AND url LIKE format('http://localhost:1/%s/%%', $1::integer)`,
        [share, since],
      );
    };
    const countByShare = ({ leases }: LeasePass) => {
      const counts: Record<string, number> = {};
      for (const { target } of leases) {
        const share = target.url.split('/')[3] ?? '';
        counts[share] = (counts[share] ?? 0) + 1;
      }
      return counts;
    };
    afterEach(() => db.psql.query('DELETE FROM creators WHERE share > 0'));

    it('takes turns between the creators of targets, however many or overdue those of one are', async () => {
      await insertDue(0, 500, '50 min');
      await insertDue(1, 5, '1 s');
      await insertDue(2, 100, '1 min');
      const pass = await handDrivenWorker(db.database).lease(45);
      expect(countByShare(pass)).to.deep.equal({ 0: 20, 1: 5, 2: 20 });
      expect(pass.nextDueInMs).to.equal(0);
    });

    it('gives one creator what the others do not need', async () => {
      await insertDue(0, 500, '50 min');
      await insertDue(1, 2, '1 s');
      expect(countByShare(await handDrivenWorker(db.database).lease(45))).to.deep.equal({ 0: 43, 1: 2 });
    });

    it('never hands a slot to two workers, and returns the time until the next slot of all shares', async () => {
      await insertDue(0, 30, '1 s');
      await insertDue(1, 30, '1 s');
      const passes = await Promise.all([1, 2, 3].map(() => handDrivenWorker(db.database).lease(20)));
      const ids = passes.flatMap(({ leases }) => leases.map(({ target }) => target.id));
      expect(new Set(ids).size).to.equal(ids.length);
      await db.psql.query(
        `UPDATE target_leases SET next_fire_at = now() + CASE share WHEN 0 THEN interval '1 h' ELSE '10 s' END`,
      );
      const { nextDueInMs } = await handDrivenWorker(db.database).lease(20);
      expect(nextDueInMs).to.be.within(1, 10_000);
    });

    it('says whose slots were missed', async () => {
      await insertDue(1, 3, '150 min');
      const { missed, slotsMissed } = await handDrivenWorker(db.database).lease(20);
      expect(missed).to.have.length(1);
      expect(missed?.[0]).to.include({ share: 1, slots: slotsMissed });
      expect(missed?.[0]?.createdBy).to.be.a('string');
    });
  });

  it('journals long timeouts in batches of their own, so that they do not stretch other leases', async () => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, timeout)
       SELECT 'http://localhost:1/' || seconds, seconds * interval '1 s' FROM unnest(ARRAY[1, 9, 10, 11, 20, 300]) AS seconds`,
    );
    const { leases } = await handDrivenWorker(db.database).lease(100);
    const lasting = new Map(leases.map(({ target, batchId }) => [target.timeoutMs / 1_000, batchId]));
    const rows = await db.rows<{ batch_id: string; lasts: number }>(
      'SELECT batch_id, extract(epoch FROM expires_at - leased_at)::integer AS lasts FROM lease_batches',
    );
    const lasts = new Map(rows.map(row => [row.batch_id, row.lasts]));
    expect([...lasting].map(([timeout, batch]) => [timeout, lasts.get(batch)])).to.have.deep.members([
      [1, 10 + 5 + 5],
      [9, 10 + 5 + 5],
      [10, 10 + 5 + 5],
      [11, 20 + 5 + 5],
      [20, 20 + 5 + 5],
      [300, 300 + 5 + 5],
    ]);
  });

  it('returns slots exactly as PostgreSQL wrote them, with microseconds', async () => {
    await insertTargets(1);
    const worker = handDrivenWorker(db.database);
    const { leases } = await worker.lease(1);
    await worker.record(leases.map(lease => checked(lease)));
    const rows = await db.rows(
      "SELECT to_json(scheduled_at)#>>'{}' AS slot FROM check_results WHERE target_id = 1",
    );
    expect(rows).to.deep.equal([{ slot: leases[0]?.slot.scheduledAt }]);
  });

  it('never leases more than its limit, and says if more is due', async () => {
    await insertTargets(5);
    const worker = handDrivenWorker(db.database);
    const first = await worker.lease(3);
    expect(first.leases).to.have.length(3);
    expect(first.nextDueInMs).to.equal(0);
    const second = await worker.lease(3);
    expect(second.leases).to.have.length(2);
    expect(second.nextDueInMs).to.be.greaterThan(0);
  });

  it('returns the time until the next slot, or infinity without targets', async () => {
    const worker = handDrivenWorker(db.database);
    expect((await worker.lease(1)).nextDueInMs).to.equal(Number.POSITIVE_INFINITY);
    await insertTargets(1, '1 h');
    const { nextDueInMs } = await worker.lease(10);
    expect(nextDueInMs).to.be.within(1, 3_600_000);
  });

  it('counts the next slot from the grid, so checks do not drift', async () => {
    await insertTargets(1, '1 d');
    const worker = handDrivenWorker(db.database);
    const slots: (string | undefined)[] = [];
    for (let round = 0; round < 4; round++) {
      slots.push((await worker.lease(1)).leases[0]?.slot.scheduledAt);
      await sleepFor('1 d'); // plus the time since the last grid point
    }
    const rows = await db.rows<{ on_grid: boolean }>(
      `SELECT date_bin(check_interval, slot, grid_origin) = slot AS on_grid
       FROM unnest($1::timestamptz[]) WITH ORDINALITY AS slots (slot, round), target_leases ORDER BY round`,
      [slots],
    );
    // The first runs at once, off the grid; whatever comes after lies on it to the microsecond.
    expect(rows.map(row => row.on_grid)).to.deep.equal([false, true, true, true]);
  });

  it('accounts for every slot of the grid exactly once, as leased or as part of a gap', async () => {
    await insertTargets(1, '10 s');
    const worker = handDrivenWorker(db.database);
    await worker.lease(1);
    await sleepFor('100 s');
    const [lease] = (await worker.lease(1)).leases;
    const [row] = await db.rows<Record<string, boolean>>(
      `SELECT last_slot + interval '10 s' = $1::timestamptz AS lease_follows_gap,
         first_slot + (slots - 1) * interval '10 s' = last_slot AS gap_is_whole,
         next_fire_at = $1::timestamptz + interval '10 s' AS next_follows_lease
       FROM check_gaps, target_leases`,
      [lease?.slot.scheduledAt],
    );
    expect(row).to.deep.equal({ lease_follows_gap: true, gap_is_whole: true, next_follows_lease: true });
  });

  it('runs each target once after an outage, for its newest slot, and records the skipped slots as a gap', async () => {
    await insertTargets(3, '60 s');
    const worker = handDrivenWorker(db.database);
    await worker.lease(10);
    await sleepFor('1 h');
    const pass = await worker.lease(10);
    expect(pass.leases.map(lease => lease.target.id)).to.have.members(['1', '2', '3']);
    const gaps = await db.rows<{ slots: number; age: number }>(
      `SELECT slots::integer, extract(epoch FROM last_slot - first_slot)::float8 AS age FROM check_gaps`,
    );
    expect(gaps).to.have.length(3);
    for (const { slots, age } of gaps) {
      // On the grid: n slots span n - 1 intervals. About an hour of them, whatever the phase.
      expect(age).to.equal((slots - 1) * 60);
      expect(slots).to.be.within(58, 60);
    }
    expect(pass.slotsMissed).to.equal(gaps.reduce((sum, { slots }) => sum + slots, 0));
    expect((await worker.lease(10)).leases).to.deep.equal([]);
  });

  it('ignores daylight saving: a daily target is due 24 hours later, even on a day of 23', async () => {
    // a zone of which summer time began half an hour ago
    const began = new Date(Date.now() - 1_800_000);
    const yearBegan = Date.UTC(began.getUTCFullYear());
    const day = Math.floor((began.getTime() - yearBegan) / 86_400_000) + 1;
    const zone = `STD0DST-1,J${Math.min(day, 365)}/${began.getUTCHours()}:${began.getUTCMinutes()},J${(day + 100) % 365 || 1}/1`;
    const dsn = new URL(db.dsn);
    dsn.searchParams.set('options', `-c TimeZone=${zone}`);
    const inZone = connectDatabase({ dsn: dsn.href, poolSize: 2, applicationName: 'spec' });
    await inZone.query(
      "INSERT INTO website_monitor.monitored_targets (url, check_interval) VALUES ('http://a/', '1 day')",
    );
    await inZone.query(
      "UPDATE website_monitor.target_leases SET next_fire_at = date_bin('1 day', now(), grid_origin)",
    );
    const worker = handDrivenWorker(inZone);
    const first = await worker.lease(10);
    const second = await worker.lease(10);
    await inZone.close();
    expect(first.leases).to.have.length(1);
    expect(second.leases).to.deep.equal([]);
    const slot = first.leases[0]?.slot.scheduledAt;
    const rows = await db.rows(
      'SELECT extract(epoch FROM next_fire_at - $1::timestamptz)::integer AS s FROM target_leases',
      [slot],
    );
    expect(rows).to.deep.equal([{ s: 86_400 }]);
  });

  it('looks again soon while another worker is leasing, because that lease may expire next', async () => {
    await insertTargets(2, '30 d');
    const other = await psqlLike(db.dsn);
    await other.query('BEGIN');
    await other.query('SELECT FROM website_monitor.target_leases WHERE monitored_target_id = 1 FOR UPDATE');
    const { leases, nextDueInMs } = await handDrivenWorker(db.database).lease(10);
    await other.end();
    expect(leases.map(({ target }) => target.id)).to.deep.equal(['2']);
    expect(nextDueInMs).to.be.within(1, 1_000);
  });

  for (const workers of [2, 4]) {
    it(`never hands the same slot to two workers when ${workers} lease at the same time`, async () => {
      await insertTargets(1_000, '1 d');
      await db.psql.query('UPDATE target_leases SET next_fire_at = now()');
      const crew = Array.from({ length: workers }, () => handDrivenWorker(db.database));
      const handed: string[] = [];
      const drain = async (worker: (typeof crew)[number]): Promise<void> => {
        for (;;) {
          const { leases } = await worker.lease(7);
          if (leases.length === 0) return;
          handed.push(...leases.map(({ slot }) => `${slot.targetId} ${slot.scheduledAt}`));
        }
      };
      await Promise.all(crew.map(drain));
      expect(handed).to.have.length(1_000);
      expect(new Set(handed).size).to.equal(1_000);
    });
  }

  describe('taking over', () => {
    it('runs the slots that a dead worker did not record, once its lease has expired', async () => {
      await insertTargets(4);
      const dead = handDrivenWorker(db.database, { worker: 'dead' });
      const { leases } = await dead.lease(10);
      await dead.record(leases.slice(0, 1).map(lease => checked(lease)));
      const survivor = handDrivenWorker(db.database, { worker: 'survivor' });
      expect((await survivor.lease(10)).leases, 'before the expiry').to.deep.equal([]);
      await expire();
      const next = handDrivenWorker(db.database, { worker: 'next' });
      const taken = await next.lease(10);
      expect(taken.leases.map(({ slot }) => slot)).to.deep.equal(leases.slice(1).map(({ slot }) => slot));
      expect(taken.leases.every(({ epoch }) => epoch === 2)).to.equal(true);
    });

    it('journals a timeout that has become long apart, so that it does not stretch the lease of the others', async () => {
      await insertTargets(2);
      await handDrivenWorker(db.database).lease(10); // and dies
      await db.psql.query("UPDATE monitored_targets SET timeout = '300 s' WHERE id = 1");
      await db.psql.query("UPDATE target_leases SET next_fire_at = now() + interval '1 min'"); // checked by another
      await expire();
      const { leases } = await handDrivenWorker(db.database).lease(10);
      expect(leases.map(({ target, epoch }) => [target.timeoutMs, epoch])).to.have.deep.members([
        [300_000, 2],
        [10_000, 2],
      ]);
      const rows = await db.rows(
        `SELECT extract(epoch FROM expires_at - leased_at)::integer AS lasts, target_ids::text[] AS targets
         FROM lease_batches ORDER BY lasts`,
      );
      expect(rows).to.deep.equal([
        { lasts: 10 + 5 + 5, targets: ['2'] },
        { lasts: 300 + 5 + 5, targets: ['1'] },
      ]);
      expect(new Set(leases.map(({ batchId }) => batchId))).to.have.property('size', 2);
    });

    it('wakes up when another worker’s lease expires', async () => {
      await insertTargets(1, '30 d');
      await handDrivenWorker(db.database).lease(1);
      const { nextDueInMs } = await handDrivenWorker(db.database).lease(1);
      expect(nextDueInMs).to.be.within(1, 20_000);
    });

    it('never takes over a batch that it still holds itself, however late', async () => {
      await insertTargets(2);
      const worker = handDrivenWorker(db.database);
      const { leases } = await worker.lease(10);
      await expire();
      expect((await worker.lease(10)).leases).to.deep.equal([]);
      expect((await worker.record(leases.map(lease => checked(lease)))).recorded).to.have.length(2);
    });

    it('locks the former owner out: it can neither record those slots nor release the batch', async () => {
      await insertTargets(3);
      const stale = handDrivenWorker(db.database, { worker: 'stale' });
      const { leases } = await stale.lease(10);
      await expire();
      const owner = handDrivenWorker(db.database, { worker: 'owner' });
      const taken = await owner.lease(2); // one stays behind in the expired batch, under its new epoch
      const report = await stale.record(leases.map(lease => checked(lease)));
      expect(report).to.deep.include({ recorded: [], lostLeaseCount: 3 });
      expect(await db.rows('SELECT 1 FROM lease_batches')).to.have.length(2);
      expect((await owner.record(taken.leases.map(lease => checked(lease)))).recorded).to.have.length(2);
      expect((await handDrivenWorker(db.database).lease(10)).leases).to.have.length(1);
    });

    it('turns a slot into a gap if a newer one is due', async () => {
      await insertTargets(2, '10 s');
      await handDrivenWorker(db.database).lease(10);
      await db.psql.query(
        `UPDATE lease_batches SET leased_at = leased_at - interval '1 h', expires_at = expires_at - interval '1 h',
           slots = ARRAY(SELECT slot - interval '1 h' FROM unnest(slots) AS slot)`,
      );
      await sleepFor('1 h');
      const worker = handDrivenWorker(db.database);
      const takeOver = await worker.lease(10);
      expect(takeOver.leases).to.have.length(2); // each target once: for its newest slot
      expect(await db.rows('SELECT FROM check_gaps WHERE slots = 1')).to.have.length(2);
      expect(await db.rows('SELECT FROM check_gaps')).to.have.length(4);
      expect(await db.rows('SELECT FROM lease_batches')).to.have.length(1);
    });

    it('turns the slots of targets deleted or disabled meanwhile into gaps', async () => {
      await insertTargets(3);
      await handDrivenWorker(db.database).lease(10);
      await db.psql.query('DELETE FROM monitored_targets WHERE id = 1');
      await db.psql.query('UPDATE monitored_targets SET enabled = false WHERE id = 2');
      await expire();
      const { leases } = await handDrivenWorker(db.database).lease(10);
      expect(leases.map(({ target }) => target.id)).to.deep.equal(['3']);
      const gaps = await db.rows('SELECT target_id FROM check_gaps ORDER BY target_id');
      expect(gaps).to.deep.equal([{ target_id: '1' }, { target_id: '2' }]);
    });

    it('keeps leasing due slots while a batch cannot be taken over', async () => {
      await insertTargets(1, '30 d');
      await handDrivenWorker(db.database).lease(1);
      await expire();
      const locker = await psqlLike(db.dsn);
      await locker.query('BEGIN');
      await locker.query('SELECT FROM website_monitor.lease_batches FOR UPDATE');
      await db.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://localhost:1/new')");
      await setGridsApart(db.psql);
      const worker = handDrivenWorker(db.database);
      const { leases } = await worker.lease(10);
      expect(leases.map(({ target }) => target.id)).to.deep.equal(['2']);
      expect((await worker.lease(10)).nextDueInMs, 'and does not try again at once').to.be.above(100);
      await locker.end();
    });

    it('takes over a batch that has a slot already recorded as a gap', async () => {
      await insertTargets(2, '30 d');
      await handDrivenWorker(db.database).lease(10);
      await db.psql.query(
        `INSERT INTO check_gaps (target_id, first_slot, last_slot, slots)
         SELECT target_ids[1], slots[1], slots[1], 1 FROM lease_batches`,
      );
      await db.psql.query('UPDATE monitored_targets SET enabled = false WHERE id = 1');
      await expire();
      const worker = handDrivenWorker(db.database);
      expect((await worker.lease(10)).leases.map(({ target }) => target.id)).to.deep.equal(['2']);
      expect(worker.troubles).to.deep.equal([]);
    });

    it('does not run a slot that its dead owner had skipped', async () => {
      await insertTargets(2, '30 d');
      const dying = handDrivenWorker(db.database);
      const { leases } = await dying.lease(10);
      await dying.record([...leases.slice(0, 1).map(skipped)]);
      await expire();
      const heir = await handDrivenWorker(db.database).lease(10);
      expect(heir.leases.map(({ target }) => target.id)).to.deep.equal([leases[1]?.target.id]);
    });

    it('makes the slots that a graceful stop returned due at once, and notifies the other workers', async () => {
      await insertTargets(3);
      const leaving = handDrivenWorker(db.database);
      const { leases } = await leaving.lease(10);
      await db.psql.query('LISTEN website_monitor');
      const told = new Promise(resolve => db.psql.once('notification', resolve));
      const [ran, ...others] = leases;
      await leaving.record([...(ran ? [checked(ran)] : []), ...others.map(returned)]);
      await told;
      await db.psql.query('UNLISTEN *');
      const next = await handDrivenWorker(db.database).lease(10);
      expect(next.leases.map(({ slot }) => slot)).to.deep.equal(others.map(({ slot }) => slot));
    });
  });
});
