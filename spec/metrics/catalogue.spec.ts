import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CHANNEL_KINDS, type ChannelKind } from '../../lib/alerting/channel.ts';
import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../../lib/domain/check/cause.ts';
import { SKIP_REASONS } from '../../lib/domain/check/skip-reason.ts';
import { createAlertingRecording } from '../../lib/metrics/alerting-recording.ts';
import { WORKER_METRICS } from '../../lib/metrics/catalogue.ts';
import { createInstruments } from '../../lib/metrics/instruments.ts';
import type { MetricEntry } from '../../lib/metrics/metric-entry.ts';
import { createRecording } from '../../lib/metrics/recording.ts';
import { TARGET_METRICS } from '../../lib/metrics/target-catalogue.ts';
import { metricsTable } from '../../scripts/support/metrics-table.ts';
import { aCheck } from '../support/a-check.ts';
import { aReport } from '../support/a-report.ts';

const entries: readonly MetricEntry[] = [...Object.values(WORKER_METRICS), ...Object.values(TARGET_METRICS)];

/** Reports everything that can be reported, once with each label value. */
const everythingRecorded = () => {
  const { registry, instruments } = createInstruments();
  const recording = createRecording(instruments);
  const { lease } = aCheck();
  recording.limits({ workerNumber: 1, slowLaneSize: 1, queueSize: 1 });
  recording.occupancy({ running: 2, slow: 1, unrecorded: 1 });
  const missed = Array.from({ length: 16 }, (_, share) => ({ createdBy: null, share, slots: 1 }));
  recording.pass({ leases: [lease], slotsMissed: 16, missed, nextDueInMs: 0 });
  const causes = [
    ...DOWN_CAUSES.map(cause => ({ outcome: 'down' as const, cause, detail: '' })),
    ...UNKNOWN_CAUSES.map(cause => ({ outcome: 'unknown' as const, cause, detail: '' })),
  ];
  const confirmations = { count: 1, firstCause: 'http_status' } as const;
  for (const verdict of [{ outcome: 'up' as const }, ...causes]) {
    recording.settled(aCheck({ verdict, confirmations }));
  }
  for (const reason of SKIP_REASONS) recording.settled({ kind: 'skipped', lease, reason });
  for (const reason of ['shutdown', 'lease_too_short'] as const)
    recording.settled({ kind: 'returned', lease, reason });
  const transitions = (['down', 'up'] as const).map(to => ({ check: aCheck(), to }));
  recording.recorded({ settled: [], recorded: [aCheck()], transitions, lostLeaseCount: 1, rejectedCount: 1 });
  for (const operation of ['lease', 'record', 'listen', 'alert'] as const) recording.retried(operation);
  recording.listening(true);
  for (const result of ['accepted', 'failed', 'withheld'] as const) recording.heartbeat(result);
  recording.logLineLost();
  recording.clockSetBack();
  recording.certificates({ earliestExpiryS: 1, expiringCount: 1 });
  const alerting = createAlertingRecording(instruments);
  for (const kind of Object.keys(CHANNEL_KINDS) as ChannelKind[])
    alerting.delivered(aReport(kind, ['sent', 'dead', 'waiting']));
  alerting.now({ alerts: {}, waitingSinceS: null, dead: 0, failing: 0, slow: 0 });
  return registry;
};

const ownSeries = (shown: string): string[] =>
  shown
    .split('\n')
    .filter(line => line.startsWith('website_monitor_'))
    .map(line => line.slice(0, line.lastIndexOf(' ')))
    .sort();

describe('The catalogue of metrics', () => {
  for (const [name, metrics] of [
    ['worker metrics', WORKER_METRICS],
    ['target metrics', TARGET_METRICS],
  ] as const) {
    it(`matches docs/METRICS.md: ${name}`, () => {
      const text = readFileSync(new URL('../../docs/METRICS.md', import.meta.url), 'utf8');
      expect(text).to.include(`<!-- ${name} -->\n${metricsTable(metrics)}\n<!-- /${name} -->`);
    });
  }

  it('lists exactly the metrics that a worker registers, with the same kind and meaning', async () => {
    const registered = (await createInstruments().registry.getMetricsAsJSON())
      .filter(({ name }) => name.startsWith('website_monitor_'))
      .map(({ name, type, help }) => ({ name, kind: String(type), meaning: help }));
    const listed = Object.values(WORKER_METRICS).map(({ name, kind, meaning }) => ({ name, kind, meaning }));
    expect(registered).to.deep.equal(listed);
  });

  it('has every series at zero from the start, and nothing that happens adds one', async () => {
    const shown = await createInstruments().registry.metrics();
    const labelled = shown.split('\n').filter(line => /^website_monitor_.*\{.*\} /.test(line));
    expect(labelled).to.have.length.above(100);
    expect(labelled.filter(line => !line.endsWith(' 0'))).to.deep.equal([]);
    const afterwards = await everythingRecorded().metrics();
    expect(ownSeries(afterwards)).to.deep.equal(ownSeries(shown));
  });

  it('lists no series that nothing updates', async () => {
    const shown = await everythingRecorded().metrics();
    const idle = shown.split('\n').filter(line => /^website_monitor_\w+_(total|count|sum)\S* 0$/.test(line));
    expect(idle).to.deep.equal([]);
  });

  for (const { name, kind, unit, series = [], buckets } of entries) {
    it(`names ${name} by its kind and unit, with the same labels in each series`, () => {
      expect(name).to.match(/^website_monitor_[a-z_]+$/);
      expect(name.endsWith('_total')).to.equal(kind === 'counter');
      expect(/_seconds$/.test(name)).to.equal(unit.startsWith('seconds'));
      expect(/_timestamp_/.test(name)).to.equal(unit === 'seconds since 1970');
      expect(new Set(series.map(labels => Object.keys(labels).join())).size).to.be.at.most(1);
      expect(new Set(series.map(labels => JSON.stringify(labels))).size).to.equal(series.length);
      expect(buckets !== undefined).to.equal(kind === 'histogram');
    });
  }

  it('names no metric twice', () => {
    expect(new Set(entries.map(({ name }) => name)).size).to.equal(entries.length);
  });
});
