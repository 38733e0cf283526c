import { createServer } from 'node:net';
import { expect } from 'chai';
import { createGate } from '../support/gate.ts';
import { killProcesses, launchWorker } from '../support/main-process.ts';
import { emptyTables } from '../support/migrated-database.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { listenTracked } from '../support/tracked-server.ts';
import { launchWorkerHere, startWorkerHere, stopWorkersHere } from '../support/worker-here.ts';

describe('Metrics and health', () => {
  let stage: Stage;
  const gate = createGate();
  before(async () => {
    stage = await openStage({ '/gated': gate.behind(respond()) });
  });
  after(() => stage.close());
  beforeEach(() => emptyTables(stage.ledger.psql));
  afterEach(async () => {
    await killProcesses();
    await stopWorkersHere();
  });

  it('are ready from the first lease on, until the stop; alive all the while', async () => {
    const { ledger, website, requested } = stage;
    await ledger.psql.query('BEGIN; LOCK lease_batches, target_leases'); // nobody can lease
    const worker = launchWorkerHere(ledger.dsn, ['--http-port=0']);
    expect(await worker.get('/readyz')).to.equal('503 lease: no lease pass yet\n');
    expect(await worker.get('/livez')).to.equal('200 alive\n');

    await ledger.psql.query('COMMIT');
    await worker.logged(/^listening for changes$/);
    await ledger.psql.query("INSERT INTO monitored_targets (url, check_interval) VALUES ($1, '30 d')", [
      `${website.origin}/gated`,
    ]);
    await requested(1);
    expect(await worker.get('/readyz')).to.equal('200 listening\n');

    worker.signal('SIGTERM');
    await worker.logged(/^SIGTERM: draining/);
    expect(await worker.get('/readyz')).to.equal('503 stopping\n');
    expect(await worker.get('/livez')).to.equal('200 alive\n');
    gate.open();
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('count what the website and the ledger have seen, under the names of the catalogue', async () => {
    const { ledger, website } = stage;
    const worker = await startWorkerHere(ledger.dsn, ['--http-port=0']);
    await ledger.addTargets(website.origin, 3, '30 d');
    await ledger.until('SELECT count(*) = 3 FROM check_results');
    const metrics = await worker.get('/metrics');
    const lines = [
      'website_monitor_checks_total{outcome="up",cause="none"} 3',
      'website_monitor_checks_total{outcome="down",cause="http_status"} 0',
      'website_monitor_check_duration_seconds_count{outcome="up"} 3',
      'website_monitor_schedule_lag_seconds_count 3',
      'website_monitor_checks_running 0',
      'website_monitor_slots_missed_total{reason="no_worker"} 0',
      'website_monitor_listening 1',
    ];
    for (const line of lines) expect(metrics.split('\n')).to.include(line);
    for (const name of [
      'website_monitor_checks_unsaved',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(metrics).to.match(new RegExp(`^${name} [\\d.e-]+$`, 'm'));
  });

  it('show the same of each target, whichever worker is asked', async () => {
    const { ledger, website } = stage;
    const flags = ['--http-port=0', '--max-scraped-targets=10'];
    const workers = [await startWorkerHere(ledger.dsn, flags), await startWorkerHere(ledger.dsn, flags)];
    await ledger.addTargets(website.origin, 3, '30 d');
    await ledger.until('SELECT count(*) = 3 FROM check_results');
    const [one, other] = await Promise.all(workers.map(worker => worker.get('/metrics/targets')));
    expect(one).to.equal(other);
    expect(one?.match(/^website_monitor_target_up\{.*\} 1$/gm)).to.have.length(3);
    expect(await workers[0]?.get('/metrics/targets?only=down')).to.not.include('target_id');
    expect(await workers[0]?.get('/metrics/targets?id=x')).to.equal('400 id must be like 7 or 100-199\n');
  });

  it('show no targets unless --max-scraped-targets allows it', async () => {
    const worker = await startWorkerHere(stage.ledger.dsn, ['--http-port=0']);
    expect(await worker.get('/metrics/targets')).to.match(/^404 /);
  });

  it('are not served with --http-port=off', async () => {
    const worker = await startWorkerHere(stage.ledger.dsn, ['--http-port=off']);
    expect(await worker.logged(/^website-monitor is running$/)).to.not.have.property('metrics');
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('without a free port end the start with 1, a reason and a remedy', async () => {
    const other = await listenTracked(createServer());
    const worker = launchWorker(stage.ledger.dsn, [`--http-port=${other.port}`]);
    expect(await worker.ended).to.deep.equal({ code: 1, signal: null });
    expect(worker.log().at(-1)).to.include({
      level: 'error',
      message: `cannot serve metrics and health on 127.0.0.1 port ${other.port}: the port is taken; set --http-host and --http-port, or --http-port off`,
    });
    await other.close();
  });
});
