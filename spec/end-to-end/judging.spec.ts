import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { askUntil } from '../support/ask-until.ts';
import { createAuthority, createIdentity, daysFromNow } from '../support/certificates.ts';
import { startWorker } from '../support/main-process.ts';
import { respond, type ScriptedWebsite, startScriptedWebsite } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWorkerHere } from '../support/worker-here.ts';

const SLOW_PATTERN = '[ab]*a[ab]{200}[cd]';
const SLOW_BODY = Array.from({ length: 300_000 }, (_, index) =>
  Math.sin(index * index) > 0 ? 'a' : 'b',
).join('');

describe('What is remembered of a target', () => {
  let stage: Stage;
  let status = 200;
  beforeEach(async () => {
    status = 200;
    stage = await openStage({
      '/': (request, response) => respond({ status })(request, response),
      '/slow': respond({ body: SLOW_BODY }),
    });
  });
  afterEach(() => stage.close());

  const insert = (path: string, pattern: string | null = null, interval = '1 s') =>
    stage.ledger.psql.query(
      'INSERT INTO monitored_targets (url, check_interval, regex_pattern) VALUES ($1, $2, $3)',
      [stage.website.origin + path, interval, pattern],
    );

  it('is whether it is down: logged once when it goes down, and once when it is up again', async () => {
    const { ledger } = stage;
    const worker = await startWorkerHere(ledger.dsn, ['--http-port=0']);
    await insert('/');
    await ledger.until('SELECT count(*) > 0 FROM check_results');
    status = 503;
    expect(await worker.logged(/^target is down$/)).to.include({
      level: 'warn',
      cause: 'http_status',
      rechecks: 1,
    });
    await ledger.until("SELECT count(*) >= 2 FROM check_results WHERE outcome = 'down'");
    const [confirmed, known] = await ledger.rows(
      "SELECT rechecks, first_cause FROM check_results WHERE outcome = 'down' ORDER BY scheduled_at LIMIT 2",
    );
    expect(confirmed).to.deep.equal({ rechecks: 1, first_cause: 'http_status' });
    expect(known, 'no news, so not asked twice').to.deep.equal({ rechecks: null, first_cause: null });
    status = 200;
    await worker.logged(/^target is up again$/);
    expect(worker.log().filter(({ message }) => message === 'target is down')).to.have.length(1);
    expect(await ledger.rows('SELECT cause, ended_at > started_at AS ended FROM incidents')).to.deep.equal([
      { cause: 'http_status', ended: true },
    ]);
    const metrics = await worker.get('/metrics');
    expect(metrics).to.match(/^website_monitor_targets_turned_total{to="down"} 1$/m);
    expect(metrics).to.match(/^website_monitor_targets_turned_total{to="up"} 1$/m);
    expect(metrics).to.match(/^website_monitor_rechecks_total{result="confirmed"} 1$/m);
  });

  it('is that its pattern was set aside after three overruns, while the others are checked in time', async () => {
    const { ledger } = stage;
    await startWorker(ledger.dsn);
    // Longer than it takes to record an overrun: the next slot is leased, with what is known by then, ahead of its time
    await insert('/slow', SLOW_PATTERN, '3 s');
    await insert('/', 'a*');
    await ledger.until("SELECT count(*) >= 1 FROM check_results WHERE cause = 'regex_set_aside'");
    const causes = await ledger.rows<{ cause: string }>(
      'SELECT cause FROM check_results WHERE target_id = 1 ORDER BY scheduled_at LIMIT 4',
    );
    expect(causes.map(({ cause }) => cause)).to.deep.equal([
      'regex_timeout',
      'regex_timeout',
      'regex_timeout',
      'regex_set_aside',
    ]);
    const [target] = await ledger.rows('SELECT regex_problem FROM monitored_targets WHERE id = 1');
    expect(target?.regex_problem).to.match(/^set aside: overran its limit 3 times in a row/);
    expect(
      await ledger.rows("SELECT * FROM check_results WHERE target_id = 2 AND outcome <> 'up'"),
    ).to.deep.equal([]);

    await ledger.psql.query("UPDATE monitored_targets SET regex_pattern = 'b+' WHERE id = 1");
    await ledger.until("SELECT count(*) > 0 FROM check_results WHERE target_id = 1 AND outcome = 'up'");
  });

  it('is that its pattern is none, where it came by SQL', async () => {
    const { ledger } = stage;
    await startWorkerHere(ledger.dsn);
    await insert('/', '(unclosed', '1 h');
    await ledger.until("SELECT count(*) > 0 FROM check_results WHERE cause = 'regex_invalid'");
    const marked = async (): Promise<string | null> =>
      (await ledger.rows<{ regex_problem: string | null }>('SELECT regex_problem FROM monitored_targets'))[0]
        ?.regex_problem ?? null;
    await askUntil(async () => (await marked()) !== null);
    expect(await marked()).to.match(/missing closing \)/);
  });

  describe('over TLS', () => {
    let folder: string;
    let secure: ScriptedWebsite;
    beforeEach(async () => {
      folder = await temporaryFolder();
      const authority = createAuthority();
      await writeFile(join(folder, 'ca.pem'), authority.cert);
      const identity = createIdentity(['127.0.0.1'], authority, { until: daysFromNow(5) });
      secure = await startScriptedWebsite({ acts: { '*': respond() }, identity });
    });
    afterEach(async () => {
      await secure.close();
      await rm(folder, { recursive: true });
    });

    it('is its certificate: warned of, counted, and down where it must be valid for longer', async () => {
      const { ledger } = stage;
      const environment = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
      await ledger.psql.query(
        `INSERT INTO monitored_targets (url, min_certificate_validity, check_interval)
         VALUES ($1 || '/warned', NULL, '30 d'), ($1 || '/down', '10 d', '30 d')`,
        [secure.origin],
      );
      const first = await startWorker(ledger.dsn, [], environment);
      expect(await first.logged(/^a certificate expires soon$/)).to.include({ host: '127.0.0.1' });
      await ledger.until('SELECT count(*) = 2 FROM check_results');
      first.signal('SIGTERM');
      await first.ended;
      const kept = await ledger.rows(
        `SELECT target_id, result.outcome, result.cause, host, subject, issuer
         FROM target_certificates JOIN check_results AS result USING (target_id)
         WHERE expires_at BETWEEN now() + '0 d' AND now() + '5 d' ORDER BY target_id`,
      );
      const presented = { host: '127.0.0.1', subject: 'a test website', issuer: 'a test authority' };
      expect(kept).to.deep.equal([
        { target_id: '1', outcome: 'up', cause: null, ...presented },
        { target_id: '2', outcome: 'down', cause: 'tls_expires_soon', ...presented },
      ]);

      const second = await startWorker(ledger.dsn, ['--http-port=0'], environment);
      const metrics = await second.get('/metrics');
      expect(metrics).to.match(/^website_monitor_certificates_expiring 2$/m);
      const [, expiresAtS] =
        /^website_monitor_certificate_earliest_expiry_timestamp_seconds (\d+)$/m.exec(metrics) ?? [];
      // The authority's own certificate was presented, too, and is valid for a day.
      expect(Number(expiresAtS) * 1_000).to.be.within(Date.now(), daysFromNow(1).getTime());
    });
  });
});
