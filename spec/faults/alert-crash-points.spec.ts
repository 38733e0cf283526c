import { join } from 'node:path';
import { expect } from 'chai';
import { GROUPED_KINDS } from '../../lib/alerting/channel.ts';
import { sqlText } from '../../scripts/chaos/scene.ts';
import type { AlertTables } from '../../scripts/history/alert-tables.ts';
import { findAlertBreaches } from '../../scripts/history/find-alert-breaches.ts';
import { receivedNews } from '../support/alerting.ts';
import { askUntil } from '../support/ask-until.ts';
import type { CrashPoint } from '../support/crash-point.ts';
import { launch } from '../support/main-process.ts';
import { type HttpReceiver, startReceiver } from '../support/receivers.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

const WORKER = join(import.meta.dirname, '../support/crashing-worker.ts');
const FLAGS = [
  '--allow-private-channels=127.0.0.1',
  '--max-timeout=1',
  '--lease-margin=2',
  '--http-port=off',
];

/** How often the receiver hears of the alert, and whether the ledger says that it may have heard of it twice. */
const CASES: readonly (readonly [point: CrashPoint, times: number, mayHaveArrived: boolean])[] = [
  ['alert advanced', 1, false],
  ['channel leased', 1, true],
  ['message taken', 2, true],
  ['delivery recorded', 1, false],
];

describe('kill -9 while an alert is sent', () => {
  let stage: Stage;
  let receiver: HttpReceiver;
  beforeEach(async () => {
    stage = await openStage({ '/down': respond({ status: 503 }) });
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await stage.close();
    await receiver.close();
  });

  for (const [point, times, mayHaveArrived] of CASES) {
    it(`${point}: another worker finishes it, under the same id`, async () => {
      const { ledger, website } = stage;
      await ledger.psql.query("INSERT INTO channels (name, url) VALUES ('hook', $1)", [
        `${receiver.origin}/hook`,
      ]);
      const ill = launch({
        script: WORKER,
        args: FLAGS,
        environment: { WEBSITE_MONITOR_DSN: ledger.dsn, CRASH_AT: point },
      });
      await ledger.psql.query("INSERT INTO monitored_targets (url, check_interval) VALUES ($1, '30 d')", [
        `${website.origin}/down`,
      ]);
      expect(await ill.ended).to.deep.equal({ code: null, signal: 'SIGKILL' });
      await ledger.psql.query('UPDATE channel_queues SET leased_until = now()'); // instead of waiting for its end
      const well = await startWorkerHere(ledger.dsn, FLAGS);
      await askUntil(async () => {
        const [row] = await ledger.rows<{ sent: boolean }>(
          "SELECT count(*) = 1 AND bool_and(state = 'sent') AS sent FROM deliveries",
        );
        return row?.sent === true;
      });
      well.signal('SIGTERM');
      await well.ended;

      expect(receiver.received).to.have.length(times);
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).to.have.property(
        'size',
        1,
      );
      const [delivery] = await ledger.rows('SELECT news, may_have_arrived FROM deliveries');
      expect(delivery).to.deep.equal({ news: 'opened', may_have_arrived: mayHaveArrived });
      const [tables] = await ledger.rows<AlertTables & Record<string, unknown>>(sqlText('alert-tables'), [
        GROUPED_KINDS,
      ]);
      if (!tables) throw new Error('no tables');
      const breaches = findAlertBreaches(tables, receivedNews(receiver, tables.channels[0]?.id ?? ''), {
        alertIntervalMs: 60_000,
      });
      expect(breaches).to.deep.equal([]);
    });
  }
});
