import { expect } from 'chai';
import { startWorker } from '../support/main-process.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

describe('Workers on one database', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  const TARGETS = 60;
  for (const [who, start, flags] of [
    ['two workers', startWorker, [[], []]],
    ['four workers', startWorkerHere, [[], [], [], []]],
    ['two workers of one configured name', startWorkerHere, [['--worker-id=twin'], ['--worker-id=twin']]],
  ] as const) {
    it(`every slot that fell due gets exactly one record, and the website one request: ${who}`, async () => {
      const { ledger, website } = stage;
      const crew = await Promise.all(flags.map(own => start(ledger.dsn, ['--batch-size=20', ...own])));
      await ledger.addTargets(website.origin, TARGETS, '1 s');
      await ledger.until('SELECT count(*) >= $1 FROM check_results', [3 * TARGETS]);
      expect(await ledger.imbalance(), 'while they run').to.deep.equal([]);

      for (const worker of crew) worker.signal('SIGTERM');
      for (const worker of crew) expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
      expect(await ledger.imbalance(), 'after they have stopped').to.deep.equal([]);
      const held = 'SELECT FROM lease_batches WHERE expires_at > clock_timestamp()';
      expect(await ledger.rows(held), 'what was leased ahead is given back').to.deep.equal([]);
      expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
    });
  }

  it('after an outage each target runs once, and the skipped slots become a gap', async () => {
    const { ledger, website, requested } = stage;
    await ledger.addTargets(website.origin, 20, '10 d');
    await ledger.psql.query("UPDATE target_leases SET next_fire_at = next_fire_at - interval '1000 d'");
    await ledger.psql.query("UPDATE monitored_targets SET created_at = created_at - interval '1000 d'");
    await startWorkerHere(ledger.dsn);
    await requested(20);
    await ledger.until('SELECT count(*) = 20 FROM check_results');
    expect(
      await ledger.rows('SELECT slots, count(*)::integer AS targets FROM check_gaps GROUP BY slots'),
    ).to.deep.equal([{ slots: '100', targets: 20 }]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(website.requests).to.have.length(20);
  });

  it('only the database’s clock decides what is due: a worker clock that jumps an hour changes nothing', async () => {
    const { ledger, website } = stage;
    const clock = new URL('../support/clock-that-jumps.ts', import.meta.url).href;
    const jumping = (jumpMs: number) =>
      startWorker(ledger.dsn, [], {
        NODE_OPTIONS: `--import=${clock}`,
        WALL_CLOCK_JUMP_MS: String(jumpMs),
      });
    const crew = await Promise.all([jumping(3_600_000), jumping(-3_600_000)]);
    await ledger.addTargets(website.origin, 20, '1 s');
    await ledger.until('SELECT count(*) >= 60 FROM check_results');
    const loggedAtMs = crew.map(worker => {
      worker.signal('SIGTERM');
      return worker.logged(/^SIGTERM/).then(({ timestamp }) => Date.parse(String(timestamp)));
    });
    for (const [index, atMs] of (await Promise.all(loggedAtMs)).entries()) {
      const offMs = atMs - Date.now();
      expect(index === 0 ? offMs : -offMs, 'its clock did jump').to.be.above(3_000_000);
    }
    for (const worker of crew) await worker.ended;
    expect(await ledger.imbalance()).to.deep.equal([]);
    const odd = await ledger.rows(
      `SELECT * FROM check_results
       WHERE total_us NOT BETWEEN 0 AND 60e6
         OR started_at NOT BETWEEN scheduled_at AND scheduled_at + interval '1 min'`,
    );
    expect(odd).to.deep.equal([]);
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
  });
});
