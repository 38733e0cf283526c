import { expect } from 'chai';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

const UTC = `'YYYY-MM-DD HH24:MI'`;

describe('The times of a silence', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  /** Inserts one about everything. @returns its id */
  const insert = async (columns: Readonly<Record<string, unknown>>): Promise<string> => {
    const all = { name: 'spec', everything: true, ...columns };
    const [row] = await db.rows<{ id: string }>(
      `INSERT INTO silences (${Object.keys(all)})
       VALUES (${Object.keys(all).map((_, index) => `$${index + 1}`)}) RETURNING id`,
      Object.values(all),
    );
    return row?.id ?? '';
  };
  /** As `start – end`, in UTC, of all in the period */
  const between = async (since: string, until: string): Promise<string[]> => {
    const rows = await db.rows<{ text: string }>(
      `SELECT to_char(one.starts_at AT TIME ZONE 'UTC', ${UTC}) || ' – ' || to_char(one.ends_at AT TIME ZONE 'UTC', ${UTC}) AS text
       FROM silences, silence_occurrences(silences, $1, $2) AS one`,
      [since, until],
    );
    return rows.map(({ text }) => text);
  };

  const WEEKLY = { starts_at: '2000-01-01 00:00Z', weekdays: [1, 2, 3, 4, 5, 6, 7] };
  const MONTHLY = { starts_at: '2000-01-01 00:00Z', start_time: '02:00', duration: '2 h', time_zone: 'UTC' };

  // Expected by RFC 5545 from the rules of the zones, not by what PostgreSQL answered
  for (const [what, time_zone, start_time, duration, since, until, ...expected] of [
    // Europe/Berlin: 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00
    [
      'before the clocks are set forward',
      'Europe/Berlin',
      '01:00',
      '30 min',
      '2026-03-29 00:00Z',
      '2026-03-29 12:00Z',
      '2026-03-29 00:00 – 2026-03-29 00:30',
    ],
    [
      'across clocks set forward: two hours are two hours',
      'Europe/Berlin',
      '01:00',
      '2 h',
      '2026-03-29 00:00Z',
      '2026-03-29 12:00Z',
      '2026-03-29 00:00 – 2026-03-29 02:00',
    ],
    [
      'at a time that is skipped: by the offset before',
      'Europe/Berlin',
      '02:30',
      '1 h',
      '2026-03-29 00:00Z',
      '2026-03-29 12:00Z',
      '2026-03-29 01:30 – 2026-03-29 02:30',
    ],
    [
      'after the clocks were set forward',
      'Europe/Berlin',
      '03:00',
      '1 h',
      '2026-03-29 00:00Z',
      '2026-03-29 12:00Z',
      '2026-03-29 01:00 – 2026-03-29 02:00',
    ],
    [
      'the day after',
      'Europe/Berlin',
      '02:30',
      '1 h',
      '2026-03-30 00:00Z',
      '2026-03-30 12:00Z',
      '2026-03-30 00:30 – 2026-03-30 01:30',
    ],
    [
      'at a time that comes twice: the first',
      'Europe/Berlin',
      '02:30',
      '1 h',
      '2026-10-25 00:00Z',
      '2026-10-25 12:00Z',
      '2026-10-25 00:30 – 2026-10-25 01:30',
    ],
    [
      'across clocks set back: two hours are two hours',
      'Europe/Berlin',
      '02:00',
      '2 h',
      '2026-10-25 00:00Z',
      '2026-10-25 12:00Z',
      '2026-10-25 00:00 – 2026-10-25 02:00',
    ],
    [
      'after the clocks were set back',
      'Europe/Berlin',
      '03:00',
      '1 h',
      '2026-10-25 01:30Z',
      '2026-10-25 12:00Z',
      '2026-10-25 02:00 – 2026-10-25 03:00',
    ],
    [
      'over a day of 23 hours: to the same time',
      'Europe/Berlin',
      '02:00',
      '1 d',
      '2026-03-28 12:00Z',
      '2026-03-28 13:00Z',
      '2026-03-28 01:00 – 2026-03-29 01:00',
    ],
    [
      'over a day of 25 hours: to the same time',
      'Europe/Berlin',
      '04:00',
      '1 d',
      '2026-10-24 12:00Z',
      '2026-10-24 13:00Z',
      '2026-10-24 02:00 – 2026-10-25 03:00',
    ],
    [
      'over 24 hours of such a day: 24 hours',
      'Europe/Berlin',
      '04:00',
      '24 h',
      '2026-10-24 12:00Z',
      '2026-10-24 13:00Z',
      '2026-10-24 02:00 – 2026-10-25 02:00',
    ],
    // America/New_York: 2026-03-08 02:00 → 03:00, 2026-11-01 02:00 → 01:00
    [
      'at a time that is skipped',
      'America/New_York',
      '02:30',
      '1 h',
      '2026-03-08 06:00Z',
      '2026-03-08 18:00Z',
      '2026-03-08 07:30 – 2026-03-08 08:30',
    ],
    [
      'at a time that comes twice',
      'America/New_York',
      '01:30',
      '1 h',
      '2026-11-01 05:00Z',
      '2026-11-01 18:00Z',
      '2026-11-01 05:30 – 2026-11-01 06:30',
    ],
    [
      'once the second of two is over',
      'America/New_York',
      '02:00',
      '1 h',
      '2026-11-01 06:00Z',
      '2026-11-01 18:00Z',
      '2026-11-01 07:00 – 2026-11-01 08:00',
    ],
    // Australia/Lord_Howe, by half an hour: 2026-10-04 02:00 (+10:30) → 02:30 (+11), 2026-04-05 02:00 (+11) → 01:30 (+10:30)
    [
      'at a half hour that is skipped',
      'Australia/Lord_Howe',
      '02:15',
      '1 h',
      '2026-10-03 12:00Z',
      '2026-10-03 23:00Z',
      '2026-10-03 15:45 – 2026-10-03 16:45',
    ],
    [
      'at a half hour that comes twice',
      'Australia/Lord_Howe',
      '01:45',
      '1 h',
      '2026-04-04 12:00Z',
      '2026-04-04 23:00Z',
      '2026-04-04 14:45 – 2026-04-04 15:45',
    ],
    // Pacific/Apia left out 2011-12-30: from -10 to +14 at the end of the 29th
    [
      'around a day that was left out',
      'Pacific/Apia',
      '02:00',
      '1 h',
      '2011-12-29 00:00Z',
      '2011-12-31 23:00Z',
      '2011-12-29 12:00 – 2011-12-29 13:00',
      '2011-12-30 12:00 – 2011-12-30 13:00',
      '2011-12-31 12:00 – 2011-12-31 13:00',
    ],
    [
      'into a day that was left out: to the day after',
      'Pacific/Apia',
      '02:00',
      '1 d',
      '2011-12-29 18:00Z',
      '2011-12-29 19:00Z',
      '2011-12-29 12:00 – 2011-12-30 12:00',
    ],
    // Where midnight itself is skipped: 23:00 → 24:00 on 2026-03-28
    [
      'at a time that is skipped into the next day',
      'America/Nuuk',
      '23:30',
      '1 h',
      '2026-03-29 00:00Z',
      '2026-03-29 12:00Z',
      '2026-03-29 01:30 – 2026-03-29 02:30',
    ],
  ] as const) {
    it(`are right ${what} (${time_zone}, ${start_time} for ${duration})`, async () => {
      await insert({ ...WEEKLY, time_zone, start_time, duration });
      expect(await between(since, until)).to.deep.equal(expected);
    });
  }

  it('are on the given days of the week, by the calendar of the zone', async () => {
    // 2026-01-05 is a Monday; in Kiritimati it begins on Sunday at 10:00 UTC
    await insert({
      ...WEEKLY,
      weekdays: [1],
      start_time: '00:30',
      duration: '1 h',
      time_zone: 'Pacific/Kiritimati',
    });
    expect(await between('2026-01-01 00:00Z', '2026-01-15 00:00Z')).to.deep.equal([
      '2026-01-04 10:30 – 2026-01-04 11:30',
      '2026-01-11 10:30 – 2026-01-11 11:30',
    ]);
  });

  it('leave out months without the day, and end with the last day of each month', async () => {
    await insert({ ...MONTHLY, month_days: [30] });
    const thirtieths = await between('2026-01-01 00:00Z', '2026-05-01 00:00Z');
    expect(thirtieths.map(text => text.slice(0, 10))).to.deep.equal([
      '2026-01-30',
      '2026-03-30',
      '2026-04-30',
    ]);
    await db.psql.query("UPDATE silences SET month_days = '{-1,28}'");
    const last = await between('2028-01-01 00:00Z', '2028-05-01 00:00Z');
    expect(last.map(text => text.slice(5, 10))).to.deep.equal([
      '01-28',
      '01-31',
      '02-28',
      '02-29',
      '03-28',
      '03-31',
      '04-28',
      '04-30',
    ]);
  });

  it('are whole also if the period begins or ends within one, and none at its edges', async () => {
    await insert({ ...MONTHLY, month_days: [10] });
    const whole = ['2026-01-10 02:00 – 2026-01-10 04:00'];
    expect(await between('2026-01-10 03:00Z', '2026-01-10 03:00:01Z')).to.deep.equal(whole);
    expect(await between('2026-01-10 04:00Z', '2026-01-10 05:00Z')).to.deep.equal([]);
    expect(await between('2026-01-10 01:00Z', '2026-01-10 02:00Z')).to.deep.equal([]);
  });

  it('end after up to seven days, and may overlap', async () => {
    await insert({ ...WEEKLY, start_time: '23:00', duration: '7 d', time_zone: 'Europe/Berlin' });
    expect(await between('2026-07-10 00:00Z', '2026-07-10 00:01Z')).to.have.length(7);
    const [row] = await db.rows(
      "SELECT silenced_until(silences, '2026-07-10 00:00Z') = '2026-07-16 21:00Z' AS ok FROM silences",
    );
    expect(row).to.deep.equal({ ok: true });
  });

  it('are cut at the ends of a recurring silence, and by its early end', async () => {
    await insert({
      ...MONTHLY,
      starts_at: '2026-01-10 03:00Z',
      ends_at: '2026-03-10 03:30Z',
      month_days: [10],
    });
    const all = () =>
      between('2020-01-01 00:00Z', '2020-01-02 00:00Z').then(() =>
        between('2026-01-01 00:00Z', '2026-12-01 00:00Z'),
      );
    expect(await all()).to.deep.equal([
      '2026-01-10 03:00 – 2026-01-10 04:00',
      '2026-02-10 02:00 – 2026-02-10 04:00',
      '2026-03-10 02:00 – 2026-03-10 03:30',
    ]);
    await db.psql.query("UPDATE silences SET ended_at = '2026-02-10 02:10Z'");
    expect((await all()).slice(1)).to.deep.equal(['2026-02-10 02:00 – 2026-02-10 02:10']);
    await db.psql.query("UPDATE silences SET ended_at = '2026-01-10 02:00Z'");
    expect(await all()).to.deep.equal([]);
  });

  it('of one that nobody has ended last for ever', async () => {
    await insert({ starts_at: '2026-01-01 00:00Z' });
    const [row] = await db.rows(
      `SELECT silenced_until(silences, '2025-12-31 23:59Z') AS before,
         silenced_until(silences, '2026-01-01 00:00Z')::text AS after FROM silences`,
    );
    expect(row).to.deep.equal({ before: null, after: 'infinity' });
  });

  it('never cost more than 400 days, whatever the period', async () => {
    await insert({ ...WEEKLY, start_time: '02:00', duration: '1 h', time_zone: 'Europe/Berlin' });
    for (const [since, until, count] of [
      ['-infinity', 'infinity', 401],
      ['infinity', 'infinity', 0],
      ['-infinity', '-infinity', 0],
      ['2026-01-01 00:00Z', 'infinity', 401],
    ] as const) {
      expect((await between(since, until)).length, `${since} to ${until}`).to.be.within(count - 1, count);
    }
  });

  it('say which one comes next, strictly after a moment', async () => {
    const next = async (moment: string) =>
      (
        await db.rows<{ at: string }>(
          `SELECT to_char(next.starts_at AT TIME ZONE 'UTC', ${UTC}) AS at FROM silences, next_silence(silences, $1) AS next`,
          [moment],
        )
      ).map(({ at }) => at);
    await insert({ ...MONTHLY, month_days: [31] });
    expect(await next('2026-01-31 02:00Z')).to.deep.equal(['2026-03-31 02:00']);
    expect(await next('2026-01-31 01:59Z')).to.deep.equal(['2026-01-31 02:00']);
    await db.psql.query("UPDATE silences SET starts_at = '2040-01-01 00:00Z'");
    expect(await next('2026-01-31 02:00Z')).to.deep.equal(['2040-01-31 02:00']);
    await db.psql.query("UPDATE silences SET ended_at = '2039-01-01 00:00Z'");
    expect(await next('2026-01-31 02:00Z')).to.deep.equal([]);
  });

  it('do not depend on the time zone of the session', async () => {
    await insert({ ...WEEKLY, time_zone: 'Europe/Berlin', start_time: '02:30', duration: '1 d' });
    const times = () => between('2026-10-20 00:00Z', '2026-10-30 00:00Z');
    const expected = await times();
    for (const zone of ['Pacific/Apia', 'America/New_York', 'Australia/Lord_Howe']) {
      await db.psql.query(`SET TimeZone = '${zone}'`);
      expect(await times(), zone).to.deep.equal(expected);
    }
    await db.psql.query('RESET TimeZone');
  });
});
