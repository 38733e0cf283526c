import { expect } from 'chai';
import { type HttpReceiver, startReceiver } from '../support/receivers.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

describe('Conditions that a worker finds', () => {
  let stage: Stage;
  let webhook: HttpReceiver;
  before(async () => {
    stage = await openStage();
    webhook = await startReceiver();
  });
  after(async () => {
    await stage.close();
    await webhook.close();
  });

  it('have alerts: slow targets after three checks, and patterns that are set aside', async () => {
    const { ledger, website } = stage;
    await ledger.psql.query(
      `INSERT INTO monitored_targets (url, name, check_interval, slow_above, regex_pattern) VALUES
         ($1 || '/slow', 'slow', '1 s', '1 ms', NULL), ($1 || '/pattern', 'pattern', '1 h', NULL, 'a.b')`,
      [website.origin],
    );
    await ledger.psql.query(
      "UPDATE monitored_targets SET regex_problem = 'set aside: overran its limit' WHERE name = 'pattern'",
    );
    await startWorkerHere(ledger.dsn, [
      `--alert=${webhook.origin}/hook`,
      '--allow-private-channels=127.0.0.0/8',
    ]);
    while (webhook.received.length < 2) await webhook.next();
    const told = webhook.received.map(({ text }) => JSON.parse(text));
    expect(told.map(({ type, data }) => `${type} ${data.kind} ${data.name}: ${data.cause}`)).to.have.members([
      'alert.opened slow slow: slow',
      'alert.opened pattern pattern: regex_set_aside',
    ]);
    expect(told.every(({ data }) => data.remedy !== null && data.detail !== null)).to.equal(true);
  });
});
