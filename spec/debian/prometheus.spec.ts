import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { WORKER_METRICS } from '../../lib/metrics/catalogue.ts';
import { TARGET_METRICS } from '../../lib/metrics/target-catalogue.ts';
import { createIdentity, daysFromNow } from '../support/certificates.ts';
import { describeWith, lacking } from '../support/debian.ts';
import { type MainProcess, startWorker } from '../support/main-process.ts';
import { alerts, dashboardQueries } from '../support/monitoring-files.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { selectorsOf } from '../support/promql.ts';
import { type HttpReceiver, startReceiver } from '../support/receivers.ts';
import { respond, type ScriptedWebsite, startScriptedWebsite } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';

const DEPLOY = new URL('../../deploy/prometheus/', import.meta.url).pathname;
const run = promisify(execFile);

/** What `promtool` says; rejects with it where something is wrong. */
const promtool = async (...args: string[]): Promise<string> => {
  const { stdout } = await run('promtool', args, { cwd: DEPLOY }).catch(error =>
    error.code === 'ENOENT'
      ? lacking('prometheus', error)
      : Promise.reject(new Error(error.stdout + error.stderr)),
  );
  return stdout;
};

describeWith('prometheus', 'The files for Prometheus, to promtool', () => {
  for (const [what, ...args] of [
    ['are a configuration and rules', 'check', 'config', 'prometheus.yaml'],
    ['raise the alerts that they should, and no others', 'test', 'rules', 'rules.test.yaml'],
  ] as const) {
    it(what, async () => {
      expect(await promtool(...args)).to.include('SUCCESS');
    });
  }
});

describeWith('prometheus', 'A real Prometheus that scrapes two workers', () => {
  let stage: Stage;
  let overTls: ScriptedWebsite;
  let receiver: HttpReceiver;
  let workers: readonly MainProcess[];
  let prometheus: Prometheus;
  const urls = { up: '', down: '', unknown: '', tls: '' };

  before(async function () {
    this.timeout(120_000);
    stage = await openStage({ '/down': respond({ status: 503 }) });
    const identity = createIdentity(['127.0.0.1'], undefined, { until: daysFromNow(2) });
    overTls = await startScriptedWebsite({ acts: { '*': respond() }, identity });
    const { ledger, website } = stage;
    receiver = await startReceiver();
    await ledger.psql.query("INSERT INTO channels (name, url) VALUES ('hook', $1)", [receiver.origin]);
    Object.assign(urls, {
      up: `${website.origin}/up`,
      down: `${website.origin}/down`,
      unknown: 'http://192.0.2.1/', // an address that may not be checked
      tls: `${overTls.origin}/`,
    });
    await ledger.psql.query(
      `INSERT INTO monitored_targets (url, check_interval, verify_tls)
       SELECT url, '1 s', false FROM unnest($1::text[]) AS url`,
      [Object.values(urls)],
    );
    const flags = ['--http-port=0', '--max-scraped-targets=1000', '--allow-private-channels=127.0.0.1'];
    workers = [await startWorker(ledger.dsn, flags), await startWorker(ledger.dsn, flags)];
    const addresses = await Promise.all(
      workers.map(async worker => {
        const { metrics } = await worker.logged(/^website-monitor is running$/);
        return new URL(String(metrics)).host;
      }),
    );
    prometheus = await startPrometheus(addresses);
    // Until both have been scraped, checks were counted of each outcome, an alert was sent, and a heartbeat told of the
    // certificate
    await prometheus.until('count_over_time(up[1m]) >= 3', ({ length }) => length === 4);
    await prometheus.until(
      'sum by (outcome) (rate(website_monitor_checks_total[1m])) > 0',
      ({ length }) => length === 3,
    );
    await prometheus.until(
      'website_monitor_certificate_earliest_expiry_timestamp_seconds > 0',
      ({ length }) => length > 0,
    );
    // An alert that is sent between two scrapes: counts before the first one show no increase
    await ledger.psql.query(
      "INSERT INTO conditions (kind, subject, cause) VALUES ('channel', 'another', 'channel_failing')",
    );
    await prometheus.until(
      'sum(increase(website_monitor_alert_delay_seconds_count[1m])) > 0',
      ({ length }) => length > 0,
    );
  });
  after(async () => {
    await prometheus?.close();
    await receiver?.close();
    await overTls?.close();
    await stage?.close();
  });

  it('finds every metric of the catalogue', async () => {
    const samples = await prometheus.query('count by (__name__) ({__name__=~"website_monitor_.*"})');
    const found = new Set(samples.map(({ metric }) => metric.__name__));
    for (const { name, kind } of [...Object.values(WORKER_METRICS), ...Object.values(TARGET_METRICS)])
      expect([...found]).to.include(kind === 'histogram' ? `${name}_bucket` : name);
  });

  for (const { where, expr } of dashboardQueries()) {
    it(`shows data on the dashboard: ${where}: ${expr}`, async () => {
      const samples = await prometheus.query(expr);
      expect(samples.map(({ value: [, text] }) => Number(text))).to.satisfy((values: readonly number[]) =>
        values.some(Number.isFinite),
      );
    });
  }

  for (const { where, expr } of alerts()) {
    it(`has what the alert asks for, and answers it: ${where}`, async () => {
      await prometheus.query(expr);
      for (const { name, matchers } of selectorsOf(expr)) {
        const labels = matchers.map(({ label, operator, text }) => `${label}${operator}"${text}"`);
        const series = `${name}{${labels}}`;
        expect(await prometheus.query(series), series).to.not.be.empty;
      }
    });
  }

  it('sees each target once, though both workers show it, in its state', async () => {
    const statesOf = async (expr: string) =>
      Object.fromEntries(
        (await prometheus.query(expr)).map(({ metric, value: [, text] }) => [metric.url, Number(text)]),
      );
    expect(await statesOf('max by (target_id, url) (website_monitor_target_up)')).to.deep.equal({
      [urls.up]: 1,
      [urls.down]: 0,
      [urls.tls]: 1,
    });
    expect(await statesOf('max by (target_id, url) (website_monitor_target_known)')).to.deep.equal({
      [urls.up]: 1,
      [urls.down]: 1,
      [urls.unknown]: 0,
      [urls.tls]: 1,
    });
    expect(await prometheus.query('website_monitor_target_known')).to.have.length(8);
  });

  it('sums the workers’ counters to the totals in the database', async () => {
    const counted = 'sum(website_monitor_checks_total)';
    await stage.ledger.psql.query('UPDATE monitored_targets SET enabled = false');
    await stage.ledger.until('SELECT count(*) = 0 FROM lease_batches');
    const [row] = await stage.ledger.rows<{ checks: number }>(
      'SELECT count(*)::integer AS checks FROM check_results',
    );
    await prometheus.until(counted, ([sample]) => Number(sample?.value[1]) === row?.checks);
    await stage.ledger.psql.query('UPDATE monitored_targets SET enabled = true');
    await prometheus.until(
      'website_monitor_target_down_since_timestamp_seconds',
      ({ length }) => length === 2,
    );
  });

  it('fires the due alerts once each: the target that is down, and the expiring certificate', async () => {
    const due = 'ALERTS{alertstate="firing"}';
    // Until targets are scraped, the alerts on all of them together stand in
    await prometheus.until(due, alerts => alerts.length >= 2 && alerts.every(({ metric }) => metric.url));
    const firing = (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    const told = firing.map(({ labels }) => [labels.alertname, labels.url ?? '']).sort();
    expect(told).to.deep.equal([
      ['WebsiteMonitorCertificateExpires', urls.tls],
      ['WebsiteMonitorTargetDown', urls.down],
    ]);
    const down = firing.find(({ labels }) => labels.alertname === 'WebsiteMonitorTargetDown');
    expect(down?.annotations.summary).to.equal(`${urls.down} is down`);
  });

  it('still sees every target after one of the workers was killed', async () => {
    workers[0]?.signal('SIGKILL');
    await workers[0]?.ended;
    await prometheus.until('up{job="website-monitor"} == 0', ({ length }) => length === 1);
    await prometheus.until('website_monitor_target_known', ({ length }) => length === 4); // of the other alone
    expect(await prometheus.query('max by (target_id, url) (website_monitor_target_known)')).to.have.length(
      4,
    );
    expect(
      await prometheus.query('max by (target_id, url) (website_monitor_target_down_since_timestamp_seconds)'),
    ).to.have.length(1);
  });
});
