import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricEntry, WORKER_METRICS } from './catalogue.ts';

type LabelOf<Entry> = Entry extends { readonly series: readonly (infer Series)[] }
  ? keyof Series & string
  : never;

type Instrument<Entry extends MetricEntry> = Entry['kind'] extends 'counter'
  ? Counter<LabelOf<Entry>>
  : Entry['kind'] extends 'gauge'
    ? Gauge<LabelOf<Entry>>
    : Histogram<LabelOf<Entry>>;

export type Instruments = {
  readonly [Key in keyof typeof WORKER_METRICS]: Instrument<(typeof WORKER_METRICS)[Key]>;
};

/** The catalogue's metrics, and those of the process, in a registry of their own. */
export function createInstruments(): { readonly registry: Registry; readonly instruments: Instruments } {
  const registry = new Registry();
  // Event-loop lag is sampled by a timer: at the default of 10 ms it costs an idle worker 0.9 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  const made = Object.entries<MetricEntry>(WORKER_METRICS).map(([key, entry]) => [
    key,
    createInstrument(entry, registry),
  ]);
  return { registry, instruments: Object.fromEntries(made) };
}

/** A series that first appears with its first fault hides that fault from `rate()`, so all are there from the start. */
function createInstrument(entry: MetricEntry, registry: Registry): Counter | Gauge | Histogram {
  const { kind, name, meaning, series = [], buckets = [] } = entry;
  const settings = { name, help: meaning, labelNames: Object.keys(series[0] ?? {}), registers: [registry] };
  if (kind === 'gauge') return new Gauge(settings);
  if (kind === 'counter') {
    const counter = new Counter(settings);
    for (const labels of series) counter.inc(labels, 0);
    return counter;
  }
  const histogram = new Histogram({ ...settings, buckets: [...buckets] });
  for (const labels of series) histogram.zero(labels);
  return histogram;
}
