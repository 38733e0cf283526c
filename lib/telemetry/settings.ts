type Environment = Readonly<Record<string, string | undefined>>;

/** Which traces are kept: all, none, or a share of them by their ids. */
export type Sampling = 'always_on' | 'always_off' | { readonly ratio: number };

export interface TracesSettings {
  readonly sampling: Sampling;
  /** Spans that wait to be exported at most; more are dropped */
  readonly queuedMax: number;
  readonly batchMax: number;
  readonly delayMs: number;
  readonly exportMsMax: number;
}

/** What is exported; null where it is not. Where to, and how, the exporters read in `OTEL_EXPORTER_OTLP_*`. */
export interface TelemetrySettings {
  readonly traces: TracesSettings | null;
  readonly metrics: { readonly everyMs: number } | null;
}

export interface Read {
  /** Null: nothing is exported, and nothing of OpenTelemetry is loaded */
  readonly settings: TelemetrySettings | null;
  /** Variables that were not understood, and what is done instead; never their values */
  readonly problems: readonly string[];
}

/** OpenTelemetry's own is 2048, and recording 500 checks ends some 4,000 spans at once. */
const QUEUED_MAX = 8_192;

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/**
 * Reads OpenTelemetry's standard variables. Its specification has it on by default; here somebody must ask
 * for it: an endpoint does, or `otlp` as a signal's exporter. As it demands, what is not understood is told
 * of and left out.
 */
export function readTelemetrySettings(environment: Environment): Read {
  const found = new Set<string>(); // what both signals share is read twice
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

function isOn(read: Reader, signal: 'TRACES' | 'METRICS', others: readonly string[]): boolean {
  const endpoint = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
  const asked = (read.given(endpoint) ?? read.given(ENDPOINT)) ? 'otlp' : 'none';
  const exporter = read.word(`OTEL_${signal}_EXPORTER`, ['otlp', 'none', ...others], asked);
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

/** Each check begins a trace of its own, so that there is no parent whose sampling could count. */
function readSampling(read: Reader): Sampling {
  const samplers = ['always_on', 'always_off', 'traceidratio'] as const;
  const words = samplers.flatMap(word => [word, `parentbased_${word}`] as const);
  const word = read.word('OTEL_TRACES_SAMPLER', words, 'parentbased_always_on').replace('parentbased_', '');
  if (word === 'traceidratio') return { ratio: read.share('OTEL_TRACES_SAMPLER_ARG', 1) };
  return word === 'always_off' ? word : 'always_on';
}

function reader(environment: Environment, complain: (problem: string) => void) {
  const given = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const number = (
    name: string,
    otherwise: number,
    rule: string,
    holds: (value: number) => boolean,
  ): number => {
    const text = given(name);
    if (text === undefined || holds(Number(text))) return Number(text ?? otherwise);
    complain(`${name}: must be ${rule}; ${otherwise} is taken`);
    return otherwise;
  };
  return {
    given,
    word: <Word extends string>(name: string, words: readonly Word[], otherwise: NoInfer<Word>): Word => {
      const text = given(name)?.toLowerCase();
      const word = text === undefined ? otherwise : words.find(one => one === text);
      if (word === undefined) complain(`${name}: must be one of ${words.join(', ')}; ${otherwise} is taken`);
      return word ?? otherwise;
    },
    whole: (name: string, otherwise: number) =>
      number(name, otherwise, 'a whole number above 0', value => Number.isSafeInteger(value) && value > 0),
    share: (name: string, otherwise: number) =>
      number(name, otherwise, 'from 0 to 1', value => value >= 0 && value <= 1),
    /** Whether there is one to export to: the default, where none is given, is on this machine. */
    url: (name: string): boolean => {
      const text = given(name);
      const isUrl = text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? '');
      if (!isUrl) complain(`${name}: must be an http or https URL; nothing is exported there`);
      return isUrl;
    },
  };
}
