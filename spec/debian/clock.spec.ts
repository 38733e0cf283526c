import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeWith, faketimeEnvironment } from '../support/debian.ts';
import { startWorker } from '../support/main-process.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TARGETS = 20;

describeWith('faketime', 'A wall clock that is set by an hour', () => {
  let folder: string;
  let clock: string;
  let server: OwnServer | undefined;
  let stage: Stage;
  beforeEach(async () => {
    folder = await temporaryFolder();
    clock = join(folder, 'clock');
    await set('+0');
  });
  afterEach(async () => {
    await stage?.close();
    await server?.close();
    server = undefined;
    await rm(folder, { recursive: true });
  });

  /** Of whoever runs in its environment */
  const set = async (offsetSeconds: string) => {
    await writeFile(`${clock}.new`, `${offsetSeconds}\n`);
    await rename(`${clock}.new`, clock); // whole, for it is read at every look at the clock
  };
  const now = async (): Promise<Date> =>
    (await stage.ledger.rows<{ at: Date }>('SELECT clock_timestamp() AS at'))[0]?.at ?? new Date(0);
  const checksAfter = (moment: Date, count: number) =>
    stage.ledger.until('SELECT count(*) >= $1 FROM check_results WHERE scheduled_at > $2', [count, moment]);
  const expectSoundTimes = async () => {
    const odd = await stage.ledger.rows(
      `SELECT * FROM check_results WHERE total_us NOT BETWEEN 0 AND 60e6
         OR least(dns_us, connect_us, tls_us, ttfb_us, transfer_us) < 0
         OR started_at NOT BETWEEN scheduled_at AND scheduled_at + interval '30 s'`,
    );
    expect(odd).to.deep.equal([]);
    expect(await stage.ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await stage.ledger.imbalance()).to.deep.equal([]);
  };

  it('on the worker’s machine: the schedule is what it was, and no duration is negative', async () => {
    stage = await openStage();
    const { ledger, website } = stage;
    const worker = await startWorker(ledger.dsn, [], faketimeEnvironment(clock));
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    for (const offset of ['+3600', '-3600']) {
      await checksAfter(await now(), TARGETS);
      await set(offset);
    }
    await checksAfter(await now(), 2 * TARGETS);
    await expectSoundTimes();
    expect(await ledger.rows('SELECT FROM check_gaps WHERE slots > 5')).to.deep.equal([]);
    worker.signal('SIGTERM');
    const { timestamp } = await worker.logged(/^SIGTERM/);
    expect(Date.now() - Date.parse(String(timestamp)), 'its clock did jump').to.be.above(3_000_000);
  });

  it('on the database’s: each target runs once, the hour is a gap, and set back again all go on at once', async () => {
    server = await startOwnServer(faketimeEnvironment(clock));
    await server.restart('fast');
    stage = await openStage({}, server.database);
    const { ledger, website } = stage;
    const worker = await startWorker(ledger.dsn);
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    await checksAfter(await now(), TARGETS);

    await set('+3600');
    const hourLater = await now();
    expect(hourLater.getTime() - Date.now(), 'its clock did jump').to.be.above(3_000_000);
    await checksAfter(hourLater, 2 * TARGETS);
    expect(
      await ledger.rows(
        'SELECT count(DISTINCT target_id)::integer AS targets FROM check_gaps WHERE slots > 3500',
      ),
    ).to.deep.equal([{ targets: TARGETS }]);

    await expectSoundTimes();
    await set('+0');
    const setBack = await now();
    const { seconds } = await worker.logged(/^the database's clock was set back/);
    expect(seconds).to.be.within(3_590, 3_610);
    await ledger.until(
      `SELECT count(DISTINCT target_id) = ${TARGETS} FROM check_results
       WHERE scheduled_at BETWEEN $1 AND $1::timestamptz + interval '30 min'`,
      [setBack],
    );
    expect(await ledger.rows('SELECT clock_behind()')).to.deep.equal([{ clock_behind: null }]);
    const [moved] = await ledger.rows('SELECT DISTINCT grid_shift() FROM target_leases');
    expect(moved).to.have.nested.property('grid_shift.milliseconds', 0.001);

    await set('+3590'); // once more through what is recorded already
    await checksAfter(new Date(hourLater.getTime() - 8_000), TARGETS);
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);

    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  });
});
