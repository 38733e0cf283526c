import { expect } from 'chai';
import { type Service, startService } from '../../lib/app/service.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { quietLog } from '../support/quiet-log.ts';
import { afterMs, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { proxyBefore, type TcpProxy } from '../support/tcp-proxy.ts';

const QUEUE_SIZE = 60;
const TARGETS = 100;
const FLAGS = [
  '--worker-number=20',
  '--batch-size=20',
  `--queue-size=${QUEUE_SIZE}`,
  '--http-port=0',
  '--allow-private-targets=127.0.0.0/8,::1',
];

describe('A database that stalls under load', () => {
  let stage: Stage;
  let proxy: TcpProxy;
  let database: Database;
  let service: Service;
  beforeEach(async () => {
    stage = await openStage({ '*': afterMs(100, respond()) });
    proxy = await proxyBefore(stage.ledger.dsn);
    const dsn = proxy.through(stage.ledger.dsn);
    // As the service's own, but with deadlines short enough to be waited for
    const deadlines = { connectTimeoutMs: 1_000, queryTimeoutMs: 1_500 };
    database = connectDatabase({ dsn, poolSize: 10, applicationName: 'stalled', ...deadlines });
    const parsed = parseConfig(FLAGS, {}, { isTerminal: false, randomUuid: 'stalled' });
    if (parsed.kind !== 'run') throw new Error('these flags are not understood');
    service = await startService(parsed.config, { database, dsn, log: quietLog() });
    await service.started;
  });
  afterEach(async () => {
    service.stop();
    await proxy.close();
    await service.close();
    await database.close();
    await stage.close();
  });

  const get = async (path: string): Promise<string> => {
    const response = await fetch(`${service.httpUrl}${path}`, { headers: { connection: 'close' } });
    return `${response.status} ${await response.text()}`;
  };
  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^website_monitor_${name} (\\S+)$`, 'm').exec(await get('/metrics'))?.[1]);

  it('leasing stops, the queue keeps within its bound, readyz says so, and work resumes without a burst', async () => {
    const { ledger, website } = stage;
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    await ledger.until('SELECT count(*) >= $1 FROM check_results', [2 * TARGETS]);
    await website.nextRequest(); // its check is under way, so that there will be something to record
    proxy.blackhole();
    const requestsBefore = website.requests.length;
    // A statement must have been lost for its first retry to be counted, and one more to find nothing either
    while ((await metric('database_retries_total{operation="record"}')) < 2) {
      const occupancy = (await metric('checks_running')) + (await metric('checks_unsaved'));
      expect(occupancy).to.be.at.most(QUEUE_SIZE);
    }
    expect(website.requests.length - requestsBefore).to.be.at.most(QUEUE_SIZE);
    expect(await get('/readyz')).to.match(/^503 lease: .*; record: /);
    expect(await get('/livez')).to.match(/^200 /);
    expect(await metric('checks_running')).to.equal(0);

    proxy.heal();
    const [healed] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    await ledger.until('SELECT count(*) >= $1 FROM check_results WHERE scheduled_at > $2', [
      2 * TARGETS,
      healed?.at,
    ]);
    expect(await get('/readyz')).to.match(/^200 /);
    const burst = await ledger.rows(
      `SELECT target_id, count(*) FROM check_results
       WHERE scheduled_at < $1 AND started_at > $1 GROUP BY target_id HAVING count(*) > 1`,
      [healed?.at],
    );
    expect(burst, 'targets that were run for more than one old slot').to.deep.equal([]);

    service.stop();
    await service.ended;
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  });
});
