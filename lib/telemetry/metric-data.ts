import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { hrTime } from './hr-time.ts';

/** The instrumentation scope of our traces and metrics. */
export const SCOPE = 'website-monitor';

type Labels = Readonly<Partial<Record<string, string | number>>>;

interface MetricValue {
  readonly value: number;
  readonly labels: Labels;
  /** In a histogram: its name with `_bucket`, `_sum` or `_count` */
  readonly metricName?: string;
}

/** A metric as prom-client returns it. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge` or `histogram` */
  readonly type: unknown;
  readonly values: readonly MetricValue[];
}

export type MetricSource = () => Promise<readonly Metric[]>;

/**
 * Converts the metrics of `/metrics` for OpenTelemetry. They keep their names, so a collector that exports to
 * Prometheus yields the same ones. Always cumulative.
 */
export function metricData(metrics: readonly Metric[], version: string, nowMs: number): ScopeMetrics {
  const times = { startTime: hrTime(performance.timeOrigin), endTime: hrTime(nowMs) };
  return { scope: { name: SCOPE, version }, metrics: metrics.map(metric => dataOf(metric, times)) };
}

type Times = { readonly startTime: HrTime; readonly endTime: HrTime };

function dataOf({ name, help, type, values }: Metric, times: Times): MetricData {
  const common = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (type === 'histogram')
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(name, values, times) };
  const dataPoints = values.map(({ value, labels }) => ({ ...times, value, attributes: { ...labels } }));
  return type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** The unit in UCUM if the name ends in one, else empty. */
const unitOf = (name: string): string => {
  const [, unit] = /_(seconds|bytes)(?:_total)?$/.exec(name) ?? [];
  return unit === 'seconds' ? 's' : unit === 'bytes' ? 'By' : '';
};

/** Converts cumulative buckets (prom-client) to buckets that count only their own values (OpenTelemetry). */
function histograms(name: string, values: readonly MetricValue[], times: Times): DataPoint<Histogram>[] {
  const series = new Map<string, MetricValue[]>();
  for (const value of values) {
    const { le: _, ...labels } = value.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), value]);
  }
  return [...series].map(([key, ofSeries]) => {
    const only = (part: string) => ofSeries.filter(({ metricName }) => metricName === `${name}_${part}`);
    const below = only('bucket').map(({ value }) => value);
    const boundaries = only('bucket').map(({ labels }) => Number(labels.le)); // the last one is +Inf
    return {
      ...times,
      attributes: JSON.parse(key),
      value: {
        buckets: {
          boundaries: boundaries.filter(Number.isFinite),
          counts: below.map((count, place) => count - (below[place - 1] ?? 0)),
        },
        sum: only('sum')[0]?.value ?? 0,
        count: only('count')[0]?.value ?? 0,
      },
    };
  });
}
