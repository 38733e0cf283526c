import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { hrTime } from '../../lib/telemetry/hr-time.ts';
import { metricData } from '../../lib/telemetry/metric-data.ts';

const registry = new Registry();
const registers = [registry];
const help = 'helps';
new Counter({ name: 'requests_total', help, labelNames: ['code'], registers }).inc({ code: 'a' }, 3);
new Gauge({ name: 'heap_bytes', help, registers }).set(-2.5);
const waits = new Histogram({
  name: 'waits_seconds',
  help,
  labelNames: ['of'],
  buckets: [1, 2, 4],
  registers,
});
for (const seconds of [0.5, 2, 3, 9]) waits.observe({ of: 'a' }, seconds);
waits.zero({ of: 'b' });

const NOW_MS = 1_767_225_600_123.5;

describe('A metric exported to OpenTelemetry', () => {
  let metrics: readonly MetricData[];
  before(async () => {
    ({ metrics } = metricData(await registry.getMetricsAsJSON(), '1', NOW_MS));
  });
  const find = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name);
  const values = (name: string) =>
    find(name)?.dataPoints.map(({ attributes, value }) => ({ attributes, value }));

  it('keeps its name and help, has the unit that its name ends in, and counts from the start of the process', () => {
    expect(
      metrics.map(({ descriptor: { name, description, unit } }) => [name, description, unit]),
    ).to.deep.equal([
      ['requests_total', help, ''],
      ['heap_bytes', help, 'By'],
      ['waits_seconds', help, 's'],
    ]);
    for (const { aggregationTemporality, dataPoints } of metrics) {
      expect(aggregationTemporality).to.equal(AggregationTemporality.CUMULATIVE);
      expect(dataPoints[0]?.startTime).to.deep.equal(hrTime(performance.timeOrigin));
      expect(dataPoints[0]?.endTime).to.deep.equal([1_767_225_600, 123_500_000]);
    }
  });

  it('is a monotonic sum or a gauge', () => {
    expect(find('requests_total')).to.include({ dataPointType: DataPointType.SUM, isMonotonic: true });
    expect(values('requests_total')).to.deep.equal([{ attributes: { code: 'a' }, value: 3 }]);
    expect(find('heap_bytes')).to.include({ dataPointType: DataPointType.GAUGE });
    expect(values('heap_bytes')).to.deep.equal([{ attributes: {}, value: -2.5 }]);
  });

  it('is a histogram whose buckets count only their own values', () => {
    const boundaries = [1, 2, 4];
    expect(values('waits_seconds')).to.deep.equal([
      {
        attributes: { of: 'a' },
        value: { buckets: { boundaries, counts: [1, 1, 1, 1] }, sum: 14.5, count: 4 },
      },
      { attributes: { of: 'b' }, value: { buckets: { boundaries, counts: [0, 0, 0, 0] }, sum: 0, count: 0 } },
    ]);
  });
});

describe('hrTime', () => {
  for (const [epochMs, expected] of [
    [0, [0, 0]],
    [1.5, [0, 1_500_000]],
    [1_999.9999999, [1, 999_999_999]],
    [-0.5, [-1, 999_500_000]],
  ] as const) {
    it(`is ${expected.join(' s and ')} ns for ${epochMs} ms`, () =>
      expect(hrTime(epochMs)).to.deep.equal(expected));
  }
});
