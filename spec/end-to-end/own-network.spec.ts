import { expect } from 'chai';
import { type HttpReceiver, startReceiver } from '../support/receivers.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

describe('A worker that loses all of its targets at once', () => {
  let stage: Stage;
  let webhook: HttpReceiver;
  let isUp = true;
  before(async () => {
    stage = await openStage({
      '*': (request, response) => respond({ status: isUp ? 200 : 503 })(request, response),
    });
    webhook = await startReceiver();
  });
  after(async () => {
    await stage.close();
    await webhook.close();
  });

  const workers = () =>
    stage.ledger.rows('SELECT name, places, slow_places, targets_known, targets_down FROM workers');
  /** LISTEN begins again with a heartbeat, the next of which is fifteen seconds away. */
  const heartbeat = async () => {
    const [seen] = await stage.ledger.rows<{ at: string }>('SELECT max(seen_at)::text AS at FROM workers');
    await stage.ledger.psql.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%' AND application_name = 'w1'",
    );
    await stage.ledger.until('SELECT max(seen_at) > $1::timestamptz FROM workers', [seen?.at]);
  };

  it('says so in its row, and its alerts are held until its own network had time to come back', async () => {
    const { ledger, website } = stage;
    await ledger.addTargets(website.origin, 25, '1 s');
    const worker = await startWorkerHere(ledger.dsn, [
      '--worker-id=w1',
      '--worker-number=50',
      `--alert=${webhook.origin}/hook`,
      '--allow-private-channels=127.0.0.0/8',
    ]);
    await ledger.until("SELECT count(DISTINCT target_id) = 25 FROM check_results WHERE outcome = 'up'");
    await heartbeat();
    const row = { name: 'w1', places: 50, slow_places: 4096 };
    expect(await workers()).to.deep.equal([{ ...row, targets_known: 25, targets_down: 0 }]);

    isUp = false;
    await ledger.until("SELECT count(*) = 25 FROM alerts WHERE state = 'held' AND held_by = 'network'");
    await heartbeat();
    expect(await workers()).to.deep.equal([{ ...row, targets_known: 25, targets_down: 25 }]);
    expect(webhook.received).to.deep.equal([]);

    const told = webhook.next();
    await ledger.psql.query("UPDATE alerts SET noticed_at = noticed_at - interval '2 min', due_at = now()");
    await ledger.psql.query("NOTIFY website_monitor, 'alerts'");
    expect(JSON.parse((await told).text)).to.deep.include({ type: 'alert.opened' });
    expect(JSON.parse((await told).text).data).to.deep.include({ may_be_our_network: true });

    worker.signal('SIGTERM');
    await worker.ended;
    expect(await workers()).to.deep.equal([]);
  });
});
