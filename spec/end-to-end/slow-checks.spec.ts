import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { type Observable, ReplaySubject, Subject, takeUntil } from 'rxjs';
import { createMonitor } from '../../lib/app/create-monitor.ts';
import type { MonitorOptions } from '../../lib/app/monitor-options.ts';
import type { Recorded } from '../../lib/checking/ports.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { hang, respond, type ScriptedWebsite, startScriptedWebsite } from '../support/scripted-website.ts';

/** Invariant 14: no target can delay the checks of others. */
describe('Checks of websites that never answer', () => {
  let ledger: Ledger;
  let website: ScriptedWebsite;
  let ended: Subject<void>;
  beforeEach(async () => {
    ledger = await openLedger();
    website = await startScriptedWebsite({ acts: { '/healthy': respond(), '*': hang } });
    ended = new Subject();
  });
  afterEach(async () => {
    ended.next();
    await website.close();
    await ledger.drop();
  });

  const monitorWith = (options: Partial<MonitorOptions>): Observable<Recorded> => {
    const recorded = new ReplaySubject<Recorded>();
    createMonitor({
      dsn: ledger.dsn,
      privateTargets: { all: false, ranges: ['127.0.0.1'] },
      maxTimeoutMs: 300_000,
      ...options,
    })
      .pipe(takeUntil(ended))
      .subscribe(recorded);
    return recorded;
  };
  const addSilent = (count: number, interval: string) =>
    ledger.psql.query(
      `INSERT INTO monitored_targets (url, check_interval, timeout)
       SELECT $1 || '/silent/' || number, $2::interval, interval '4 min' FROM generate_series(1, $3::integer) AS number`,
      [website.origin, interval, count],
    );
  const gaps = (reason: string) => `SELECT count(*) >= $1 FROM check_gaps WHERE reason = '${reason}'`;

  it('keep no place from others, however many more of them there are than places', async () => {
    monitorWith({ workerNumber: 10 });
    await addSilent(30, '1 h');
    await ledger.psql.query('INSERT INTO monitored_targets (url, check_interval) VALUES ($1, $2)', [
      `${website.origin}/healthy`,
      '1 s',
    ]);
    const healthy = `SELECT count(*) >= 5 FROM check_results WHERE outcome = 'up'`;
    await ledger.until(healthy);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.rows(`SELECT * FROM check_gaps WHERE reason <> 'no_worker'`)).to.deep.equal([]);
  });

  it('run once a target at a time: slots that fall due meanwhile are gaps that say so', async () => {
    monitorWith({});
    await addSilent(1, '1 s');
    await ledger.until(gaps('still_running'), [3]);
    expect(website.requests).to.have.length(1);
    expect(await ledger.imbalance()).to.deep.equal([]);
  });

  it('are skipped, and their slots gaps that say so, where the slow lane is full', async () => {
    monitorWith({ slowLaneSize: 4 });
    await addSilent(5, '1 h');
    await ledger.until(gaps('slow_lane_full'), [4]); // one host may hold a quarter of the lane
    expect(await ledger.imbalance()).to.deep.equal([]);
  });

  for (const [change, statement] of [
    ['deleted', 'DELETE FROM monitored_targets'],
    ['disabled', 'UPDATE monitored_targets SET enabled = false'],
    ['edited', `UPDATE monitored_targets SET method = 'HEAD'`],
  ] as const) {
    it(`end when their target is ${change}`, async () => {
      monitorWith({});
      await addSilent(1, '1 h');
      await ledger.until('SELECT count(*) = 1 FROM lease_batches');
      await delay(4_000); // the looks that the insert caused are over
      await ledger.psql.query(statement);
      await ledger.until(gaps(`target_${change}`), [1]);
    });
  }
});
