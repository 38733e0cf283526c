import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { createGate, type Gate } from '../support/gate.ts';
import { startWorker } from '../support/main-process.ts';
import { afterMs, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { proxyBefore } from '../support/tcp-proxy.ts';
import { startWorkerHere } from '../support/worker-here.ts';

describe('A stop', () => {
  let stage: Stage;
  let gate: Gate;
  beforeEach(async () => {
    gate = createGate();
    stage = await openStage({ '*': afterMs(300, respond()), '/gated': gate.behind(respond()) });
  });
  afterEach(() => stage.close());

  /** A worker with one check under way, which ends when the gate is opened. */
  const startBusy = async <Worker>(
    start: (dsn: string, flags: readonly string[]) => Promise<Worker>,
    ...flags: string[]
  ): Promise<Worker> => {
    const { ledger, website, requested } = stage;
    const worker = await start(ledger.dsn, flags);
    await ledger.psql.query("INSERT INTO monitored_targets (url, check_interval) VALUES ($1, '30 d')", [
      `${website.origin}/gated`,
    ]);
    await requested(1);
    return worker;
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal} under load records everything, leaves no lease, and exits with 0`, async () => {
      const { ledger, website } = stage;
      const worker = await startWorker(ledger.dsn);
      await ledger.addTargets(website.origin, 60, '1 s');
      await ledger.until('SELECT count(*) >= 90 FROM check_results');
      worker.signal(signal);

      expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
      expect(worker.log().at(-1)).to.include({ message: 'stopped: everything is recorded' });
      const { checksUnderWay } = await worker.logged(new RegExp(`^${signal}: draining`));
      expect(checksUnderWay, 'it was under load').to.be.above(0);
      expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
      expect(
        await ledger.rows('SELECT FROM lease_batches WHERE expires_at > clock_timestamp()'),
      ).to.deep.equal([]);
      expect(await ledger.imbalance()).to.deep.equal([]);
    });
  }

  it('is one stop where npm passes on the Ctrl-C that the terminal has sent to us already', async () => {
    const worker = await startBusy(startWorker, '--http-port=0');
    worker.signal('SIGINT');
    await worker.logged(/^SIGINT: draining/);
    worker.signal('SIGINT');
    worker.signal('SIGTERM');
    await worker.get('/livez'); // by its answer the signals have arrived
    gate.open();
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await stage.ledger.rows('SELECT outcome FROM check_results')).to.deep.equal([{ outcome: 'up' }]);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends at once with ${code} when a ${signal} follows later, checks under way or not`, async () => {
      const worker = await startBusy(startWorker, '--shutdown-grace=3600');
      worker.signal('SIGTERM');
      await worker.logged(/^SIGTERM: draining/);
      await delay(600); // a wish of its own comes half a second after the first, or later
      worker.signal(signal);
      expect(await worker.ended).to.deep.equal({ code, signal: null });
      expect(worker.log().at(-1)).to.include({ message: `${signal} again: exiting at once` });
    });
  }

  it('aborts what still runs near the end of the grace, and gives it back at once for another to run', async () => {
    const { ledger, website } = stage;
    const worker = await startBusy(startWorkerHere, '--shutdown-grace=1', '--max-timeout=300');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    await website.allClosed();
    expect(await ledger.rows('SELECT FROM check_results')).to.deep.equal([]);

    gate.open();
    await startWorkerHere(ledger.dsn);
    await ledger.until('SELECT count(*) = 1 FROM check_results');
    expect(await ledger.rows('SELECT outcome FROM check_results')).to.deep.equal([{ outcome: 'up' }]);
    expect(await ledger.imbalance()).to.deep.equal([]);
  });

  it('without a database, and nothing to record, is as quick as any, and exits with 0', async () => {
    const { ledger } = stage;
    const proxy = await proxyBefore(ledger.dsn);
    const worker = await startWorkerHere(proxy.through(ledger.dsn), [
      '--http-port=0',
      `--listen-dsn=${ledger.dsn}`,
      '--shutdown-grace=3600',
    ]);
    await proxy.close();
    await ledger.psql.query('NOTIFY website_monitor');
    await worker.logged(/^leasing failed; retrying$/);
    await ledger.psql.query('NOTIFY website_monitor'); // a wake-up that is owed a look when the stop comes
    await worker.get('/livez'); // by its answer it has heard that
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('without a database says what is lost when the grace is over, and exits with 1', async () => {
    const { ledger, requested, website } = stage;
    const proxy = await proxyBefore(ledger.dsn);
    const worker = await startWorkerHere(proxy.through(ledger.dsn), ['--shutdown-grace=1']);
    await ledger.psql.query("INSERT INTO monitored_targets (url, check_interval) VALUES ($1, '30 d')", [
      `${website.origin}/gated`,
    ]);
    await requested(1);
    await proxy.close();
    gate.open();
    await worker.logged(/^recording failed; retrying$/);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 1, signal: null });
    const last = worker.log().at(-1);
    expect(last).to.include({
      message: 'shutdown grace period expired; unrecorded checks are lost',
      checks: 1,
    });
  });
});
