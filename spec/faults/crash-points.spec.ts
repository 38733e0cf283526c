import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstValueFrom, Subject } from 'rxjs';
import { startService } from '../../lib/app/service.ts';
import { connectDatabase } from '../../lib/postgres/database.ts';
import { findBreaches } from '../../scripts/history/find-breaches.ts';
import { readHistory } from '../../scripts/history/read-history.ts';
import type { LoggedRequest } from '../../scripts/history/tables.ts';
import { readTables } from '../../scripts/support/read-tables.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { createGate, type Gate } from '../support/gate.ts';
import { launch, type MainProcess } from '../support/main-process.ts';
import { configOf } from '../support/parsing.ts';
import { quietLog } from '../support/quiet-log.ts';
import { type Act, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const WORKER = join(import.meta.dirname, '../support/crashing-worker.ts');
const SHORT_LEASE = ['--max-timeout=1', '--lease-margin=2'];
const SHORT_LEASE_MS = 3_000;
const LONG_LEASE = ['--max-timeout=60', '--lease-margin=60'];
/** For the takeover itself, on a machine with other things to do */
const SLACK_MS = 5_000;
const PLACES = 10;

interface Survivor {
  /** Resolves once everything that it leased is recorded or returned. */
  readonly stop: () => Promise<void>;
}

describe('kill -9 at a named point', () => {
  let stage: Stage;
  let gate: Gate;
  let folder: string;
  let requests: LoggedRequest[];
  const survivors: Survivor[] = [];
  beforeEach(async () => {
    gate = createGate();
    requests = [];
    folder = await temporaryFolder();
    stage = await openStage({ '*': noting(gate.behind(respond())) });
  });
  afterEach(async () => {
    for (const { stop } of survivors.splice(0)) await stop(); // one is left only where a spec failed
    await stage.close();
    await rm(folder, { recursive: true });
  });

  /** The website's own log; the path of a target is its id. */
  const noting =
    (act: Act): Act =>
    (request, response) => {
      const index = requests.length;
      const asked = { targetId: request.url?.slice(1) ?? '', atMs: Date.now(), answer: null };
      requests.push(asked);
      response.once('finish', () => {
        requests[index] = { ...asked, answer: { atMs: Date.now(), status: response.statusCode } };
      });
      act(request, response);
    };

  const argsFor = (name: string, flags: readonly string[]): string[] => [
    `--worker-id=${name}`,
    `--history-file=${join(folder, name)}`,
    `--worker-number=${PLACES}`,
    `--batch-size=${PLACES}`,
    '--http-port=off',
    '--shutdown-grace=1',
    ...flags,
  ];
  /** The one that dies has a process of its own. */
  const start = async (name: string, crashAt: CrashPoint, flags: readonly string[]) => {
    const worker = launch({
      script: WORKER,
      args: argsFor(name, flags),
      environment: { WEBSITE_MONITOR_DSN: stage.ledger.dsn, CRASH_AT: crashAt },
    });
    await worker.logged(/^listening for changes$/);
    return worker;
  };
  /** The one that survives runs in ours. */
  const startSurvivor = async (name: string, flags: readonly string[]): Promise<Survivor> => {
    const { dsn } = stage.ledger;
    const config = configOf([...argsFor(name, flags), '--allow-private-targets=127.0.0.0/8,::1']);
    const database = connectDatabase({ dsn, poolSize: 2, applicationName: name });
    const listening = new Subject<void>();
    const isListening = firstValueFrom(listening);
    const info = (message: string) => message === 'listening for changes' && listening.next();
    const service = await startService(config, { database, dsn, log: quietLog({ info }) });
    const stop = async () => {
      service.stop();
      await service.ended;
      await service.close();
      await database.close();
    };
    survivors.push({ stop });
    await isListening;
    return { stop };
  };

  /** Two workers, and slots for both: each has taken half of them, or has died of it. */
  const startTwo = async (crashAt: CrashPoint, flags = SHORT_LEASE): Promise<[MainProcess, Survivor]> => {
    const workers = await Promise.all([start('ill', crashAt, flags), startSurvivor('well', flags)]);
    await stage.ledger.addTargets(stage.website.origin, 2 * PLACES, '30 d');
    return workers;
  };

  /** Resolves with how long it took from the worker's end until the last check was begun. */
  const recoveredInMs = async (killed: MainProcess, checks: number): Promise<number> => {
    expect(await killed.ended).to.deep.equal({ code: null, signal: 'SIGKILL' });
    const [death] = await stage.ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    gate.open();
    await stage.ledger.until('SELECT count(*) = $1 FROM check_results', [checks]);
    const [row] = await stage.ledger.rows<{ ms: number }>(
      'SELECT extract(epoch FROM max(started_at) - $1)::float8 * 1000 AS ms FROM check_results',
      [death?.at],
    );
    return row?.ms ?? Number.NaN;
  };

  /** What all of them have written, once the last of them has recorded everything. */
  const historyAfter = async (last: Survivor) => {
    survivors.length = 0;
    await last.stop();
    return readdirSync(folder).flatMap(name => readHistory(readFileSync(join(folder, name), 'utf8')));
  };
  const expectNoBreach = async (last: Survivor): Promise<void> => {
    const history = await historyAfter(last);
    expect(history).to.not.have.length(0);
    expect(findBreaches(history, await readTables(stage.ledger.database), requests)).to.deep.equal([]);
    expect(
      await stage.ledger.rows('SELECT FROM lease_batches WHERE expires_at > clock_timestamp()'),
    ).to.deep.equal([]);
  };

  it('lease committed, and not heard of: another runs the slots within the lease time', async () => {
    const [ill, well] = await startTwo('lease committed');
    expect(await recoveredInMs(ill, 2 * PLACES)).to.be.below(SHORT_LEASE_MS + SLACK_MS);
    expect(requests, 'the dead one had asked nobody').to.have.length(2 * PLACES);
    await expectNoBreach(well);
  });

  it('in the fetch: another runs the slots within the lease time', async () => {
    const [ill, well] = await startTwo('mid-fetch');
    await stage.requested(2 * PLACES);
    ill.signal('SIGKILL');
    expect(await recoveredInMs(ill, 2 * PLACES)).to.be.below(SHORT_LEASE_MS + SLACK_MS);
    expect(requests, 'what was under way, once more').to.have.length(3 * PLACES);
    await expectNoBreach(well);
  });

  it('checks unrecorded: another runs the slots within the lease time', async () => {
    const [ill, well] = await startTwo('checks unrecorded');
    await stage.requested(2 * PLACES);
    gate.open();
    expect(await recoveredInMs(ill, 2 * PLACES)).to.be.below(SHORT_LEASE_MS + SLACK_MS);
    expect(requests, 'what was not recorded, once more').to.have.length(3 * PLACES);
    await expectNoBreach(well);
  });

  it('recorded, and not heard of: the lease is released with it, as one statement does both, and nothing runs again', async () => {
    const [ill, well] = await startTwo('record committed');
    await stage.requested(2 * PLACES);
    gate.open();
    await recoveredInMs(ill, 2 * PLACES);
    expect(await stage.ledger.rows("SELECT FROM lease_batches WHERE worker = 'ill'")).to.deep.equal([]);
    expect(requests, 'each slot once').to.have.length(2 * PLACES);
    await expectNoBreach(well);
  });

  it('given back, and not heard of: another runs the slots at once, long before the lease would have expired', async () => {
    const [ill, well] = await startTwo('given back', LONG_LEASE);
    await stage.requested(2 * PLACES);
    ill.signal('SIGTERM');
    expect(await recoveredInMs(ill, 2 * PLACES)).to.be.below(SLACK_MS);
    expect(requests, 'what was under way, once more').to.have.length(3 * PLACES);
    await expectNoBreach(well);
  });

  it('taken over, and not heard of: a third runs the slots within the lease time of the second', async () => {
    const first = await start('first', 'mid-fetch', SHORT_LEASE);
    await stage.ledger.addTargets(stage.website.origin, PLACES, '30 d');
    await stage.requested(PLACES);
    first.signal('SIGKILL');
    await first.ended;
    const second = await start('second', 'taken over', SHORT_LEASE);
    await second.ended;
    const third = await startSurvivor('third', SHORT_LEASE);
    expect(await recoveredInMs(second, PLACES)).to.be.below(SHORT_LEASE_MS + SLACK_MS);
    expect(requests, 'the second had asked nobody').to.have.length(2 * PLACES);
    await expectNoBreach(third);
  });
});
