import { expect } from 'chai';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere, type WorkerHere } from '../support/worker-here.ts';

const TARGETS = 30;

describe('A PostgreSQL that goes away with checks under way', () => {
  let server: OwnServer;
  let stage: Stage;
  let worker: WorkerHere;
  before(async () => {
    server = await startOwnServer();
    stage = await openStage({}, server.database);
    worker = await startWorkerHere(server.dsn, ['--worker-id=hardened']);
    await stage.ledger.addTargets(stage.website.origin, TARGETS, '1 s');
  });
  after(async () => {
    await stage.close();
    await server.close();
  });

  const timesTold = (message: RegExp): number =>
    worker.log().filter(line => message.test(line.message)).length;
  const backendOf = async (ledger: Ledger): Promise<number> => {
    const [row] = await ledger.rows<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'hardened' LIMIT 1",
    );
    return row?.pid ?? 0;
  };
  const faults: [fault: string, inflict: (ledger: Ledger) => Promise<void>][] = [
    ['is restarted fast', () => server.restart('fast')],
    ['is restarted as if it had crashed', () => server.restart('immediate')],
    [
      'loses its postmaster to kill -9, and is started again',
      async () => {
        await server.kill();
        await server.restart('immediate');
      },
    ],
    [
      'ends all sessions because one of its processes was killed',
      async ledger => server.kill(await backendOf(ledger)),
    ],
  ];

  for (const [fault, inflict] of faults) {
    it(`and ${fault}: the worker goes on by itself, and accounts for every slot once`, async () => {
      const ledger = await openLedger(server.database);
      const [before] = await ledger.rows<{ checks: number }>(
        'SELECT count(*)::integer AS checks FROM check_results',
      );
      await ledger.until('SELECT count(*) > $1 FROM check_results', [(before?.checks ?? 0) + TARGETS]);
      const [lost, found] = [timesTold(/^LISTEN is down/), timesTold(/^listening for changes$/)];
      await inflict(ledger);
      await worker.logged(/^LISTEN is down/, lost + 1);
      await worker.logged(/^listening for changes$/, found + 1);
      await ledger.drop();

      const after = await openLedger(server.database);
      const [now] = await after.rows<{ now: string }>('SELECT now()::text');
      await after.until('SELECT count(*) >= $1 FROM check_results WHERE scheduled_at > $2', [
        TARGETS,
        now?.now,
      ]);
      expect(await after.rows('SELECT cause, detail FROM failure_log')).to.deep.equal([]);
      expect(await after.imbalance()).to.deep.equal([]);
      await after.drop();
    });
  }

  it('leaves nothing behind: a stop ends with every check recorded, one for each request', async () => {
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    const ledger = await openLedger(server.database);
    expect(await ledger.rows('SELECT FROM lease_batches WHERE expires_at > clock_timestamp()')).to.deep.equal(
      [],
    );
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
    await ledger.drop();
  });
});
