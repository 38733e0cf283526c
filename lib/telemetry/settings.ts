type Environment = Readonly<Record<string, string | undefined>>;

/** Which traces are kept: all, none, or a share of them chosen by trace id. */
export type Sampling = 'always_on' | 'always_off' | { readonly ratio: number };

/** How traces are sampled and exported. */
export interface TracesSettings {
  readonly sampling: Sampling;
  /** Most spans that may wait to be exported; further ones are dropped */
  readonly queuedMax: number;
  readonly batchMax: number;
  readonly delayMs: number;
  readonly exportMsMax: number;
}

/** What is exported; null if it is not. The exporters themselves read `OTEL_EXPORTER_OTLP_*` for the destination. */
export interface TelemetrySettings {
  readonly traces: TracesSettings | null;
  readonly metrics: { readonly everyMs: number } | null;
}

/** The settings, and what was wrong with the variables. */
export interface Read {
  /** Null if nothing is exported; OpenTelemetry is then not loaded */
  readonly settings: TelemetrySettings | null;
  /** The variables that are invalid, and what is used instead; never their values */
  readonly problems: readonly string[];
}

/** OpenTelemetry's default of 2048 is too small: recording 500 checks ends about 4,000 spans at once. */
const QUEUED_MAX = 8_192;

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/**
 * Reads OpenTelemetry's standard variables. Unlike in its specification, export is off unless an endpoint is
 * set, or `otlp` as the exporter of a signal. As in its specification, invalid values are reported and replaced
 * by defaults.
 */
export function readTelemetrySettings(environment: Environment): Read {
  const found = new Set<string>(); // a set, since variables that both signals share are read twice
  const read = reader(environment, problem => found.add(problem));
  const settings = readSignals(read);
  return { settings, problems: [...found] };
}

type Reader = ReturnType<typeof reader>;

function readSignals(read: Reader): TelemetrySettings | null {
  if (read.word('OTEL_SDK_DISABLED', ['true', 'false'], 'false') === 'true') return null;
  const traces = isOn(read, 'TRACES', []) ? readTraces(read) : null;
  const metrics = isOn(read, 'METRICS', ['prometheus']) // that is what /metrics is
    ? { everyMs: read.whole('OTEL_METRIC_EXPORT_INTERVAL', 60_000) }
    : null;
  return traces || metrics ? { traces, metrics } : null;
}

function isOn(read: Reader, signal: 'TRACES' | 'METRICS', moreExporters: readonly string[]): boolean {
  const endpoint = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
  const byDefault = (read.given(endpoint) ?? read.given(ENDPOINT)) ? 'otlp' : 'none';
  const exporter = read.word(`OTEL_${signal}_EXPORTER`, ['otlp', 'none', ...moreExporters], byDefault);
  if (exporter !== 'otlp') return false;
  const protocol = `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`;
  const protocolOf = read.given(protocol) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : protocol;
  read.word(protocolOf, ['http/protobuf'], 'http/protobuf');
  return read.url(read.given(endpoint) === undefined ? ENDPOINT : endpoint);
}

function readTraces(read: Reader): TracesSettings {
  const queuedMax = read.whole('OTEL_BSP_MAX_QUEUE_SIZE', QUEUED_MAX);
  return {
    sampling: readSampling(read),
    queuedMax,
    batchMax: Math.min(queuedMax, read.whole('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512)),
    delayMs: read.whole('OTEL_BSP_SCHEDULE_DELAY', 5_000),
    exportMsMax: read.whole('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
  };
}

/** `parentbased_` has no effect: each check starts a trace of its own, without a parent. */
function readSampling(read: Reader): Sampling {
  const samplers = ['always_on', 'always_off', 'traceidratio'] as const;
  const words = samplers.flatMap(word => [word, `parentbased_${word}`] as const);
  const word = read.word('OTEL_TRACES_SAMPLER', words, 'parentbased_always_on').replace('parentbased_', '');
  if (word === 'traceidratio') return { ratio: read.share('OTEL_TRACES_SAMPLER_ARG', 1) };
  return word === 'always_off' ? word : 'always_on';
}

function reader(environment: Environment, report: (problem: string) => void) {
  const given = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const number = (
    name: string,
    fallback: number,
    rule: string,
    holds: (value: number) => boolean,
  ): number => {
    const text = given(name);
    if (text === undefined || holds(Number(text))) return Number(text ?? fallback);
    report(`${name}: must be ${rule}; using ${fallback}`);
    return fallback;
  };
  return {
    given,
    word: <Word extends string>(name: string, words: readonly Word[], fallback: NoInfer<Word>): Word => {
      const text = given(name)?.toLowerCase();
      const word = text === undefined ? fallback : words.find(one => one === text);
      if (word === undefined) report(`${name}: must be one of ${words.join(', ')}; using ${fallback}`);
      return word ?? fallback;
    },
    whole: (name: string, fallback: number) =>
      number(name, fallback, 'a whole number above 0', value => Number.isSafeInteger(value) && value > 0),
    share: (name: string, fallback: number) =>
      number(name, fallback, 'from 0 to 1', value => value >= 0 && value <= 1),
    /** Whether the endpoint is usable. Without one, the exporters use the default endpoint on this machine. */
    url: (name: string): boolean => {
      const text = given(name);
      const isUrl = text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? '');
      if (!isUrl) report(`${name}: must be an http or https URL; not exporting to it`);
      return isUrl;
    },
  };
}
