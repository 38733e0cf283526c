import { readArguments } from './config/arguments.ts';
import { settingsSchema } from './config/schema.ts';
import type { Settings } from './config/settings.ts';
import { type Environment, mergeEnvironment, type Source, sourcesOf } from './config/sources.ts';
import type { TargetOptions } from './config/target-options.ts';
import type { PrivateTargets } from './domain/private-targets.ts';
import type { TargetDraft } from './domain/target-draft.ts';

/** Everything that the process can be told, frozen. `--help` says what each flag means. */
export interface Config {
  /** Null: the embedded server */
  readonly dsn: string | null;
  /** Null: LISTEN on the same server as everything else */
  readonly listenDsn: string | null;
  /** For people; it need not be unique, since a batch is owned by whoever knows its id and epoch */
  readonly workerId: string;
  /** Checks running at once */
  readonly workerNumber: number;
  /** Connections */
  readonly dbPoolSize: number;
  /** Targets leased at once */
  readonly batchSize: number;
  /** Bound on checks leased or unsaved; never below the two above */
  readonly queueSize: number;
  readonly maxTimeoutMs: number;
  /** How much longer than its longest check a lease lasts: the time there is for saving */
  readonly leaseMarginMs: number;
  readonly shutdownGraceMs: number;
  /** Attempts made after the first before a target that was not down is called down */
  readonly confirm: number;
  readonly privateTargets: PrivateTargets;
  readonly bodyBytesMax: number;
  /** Keep connections from check to check */
  readonly keepAlive: boolean;
  readonly regexTimeoutMs: number;
  /** 0: nothing is warned of */
  readonly certificateWarningDays: number;
  /** Null: no file is a secret */
  readonly secretsFolder: string | null;
  readonly raiseForStatus: boolean;
  readonly enableTracing: boolean;
  readonly logging:
    | { readonly type: 'dev' | 'prod' }
    | { readonly type: 'custom'; readonly configFile: string };
  /** Null: no history is written */
  readonly historyFile: string | null;
  /** Null: no server for metrics and health */
  readonly http: { readonly host: string; readonly port: number } | null;
  /** Targets that one scrape shows at most; 0: none */
  readonly scrapedTargetsMax: number;
  /** Apply the migrations at start */
  readonly migrate: boolean;
  /** Of the embedded server; null: a folder of the user's */
  readonly dataFolder: string | null;
  /** Targets given on the command line; the URLs in their normal form, each once */
  readonly websites: { readonly urls: readonly string[]; readonly draft: TargetDraft };
  /** Print JSON, where a command prints */
  readonly json: boolean;
}

/** What the command line can ask for, and the flags that belong to it beside the settings. */
const COMMANDS = {
  run: { takesUrls: true },
  migrate: { takesUrls: false },
  check: { takesUrls: true },
} as const;

export type Command = keyof typeof COMMANDS;

export type Parsed =
  | { readonly kind: Command; readonly config: Config }
  | { readonly kind: 'help' | 'version' }
  /** One readable line each: which setting, and the rule that it breaks; never its value */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** What defaults depend on, handed in so that parsing is pure. */
export interface Surroundings {
  readonly isTerminal: boolean;
  readonly randomUuid: string;
  /** The text of `.env`, where there is one */
  readonly dotEnv?: string | undefined;
}

/**
 * Reads the command line (without node and the script) and the environment into one Config, or into
 * every problem at once.
 *
 * A flag beats the environment, which beats `.env`; an empty variable counts as unset. Variables with
 * our prefix that we do not know are left alone: Kubernetes makes some for a service of our name.
 */
export function parseConfig(
  argv: readonly string[],
  environment: Environment,
  surroundings: Surroundings,
): Parsed {
  const { given, words, wants, problems: misused } = readArguments(argv);
  if (wants !== 'run') return { kind: wants };

  const named = words[0] !== undefined && Object.hasOwn(COMMANDS, words[0]);
  const kind = named ? (words[0] as Command) : 'run';
  const urls = named ? words.slice(1) : words;
  const sources = sourcesOf(given, mergeEnvironment(surroundings.dotEnv ?? '', environment));
  const texts = [...sources].map(([key, { text }]) => [key, text]);
  const parsed = settingsSchema.safeParse({ ...Object.fromEntries(texts), urls });

  const problems = [
    ...misused,
    ...misplaced(kind, urls, given),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${nameOf(path, sources)}: ${message}`),
  ];
  if (parsed.data === undefined || problems.length > 0) return { kind: 'invalid', problems };
  return { kind, config: toConfig(parsed.data, surroundings) };
}

/** What is sound by itself, and has no place in this command. */
function misplaced(kind: Command, urls: readonly string[], given: ReadonlyMap<string, unknown>): string[] {
  return [
    ...(!COMMANDS[kind].takesUrls && urls.length > 0 ? [`${kind}: takes no URLs`] : []),
    ...(kind === 'check' && urls.length === 0 ? ['check: needs a URL'] : []),
    ...(kind === 'check' && given.has('--every') ? ['--every: check looks once'] : []),
    ...(kind !== 'check' && given.has('--json') ? [`--json: ${kind} prints none`] : []),
  ];
}

const nameOf = ([key, index]: readonly PropertyKey[], sources: ReadonlyMap<unknown, Source>): string =>
  sources.get(key)?.name ?? `URL ${Number(index) + 1}`;

function toConfig(settings: Settings, { isTerminal, randomUuid }: Surroundings): Config {
  const { loggingType, loggingConfigFile, httpHost, httpPort, urls, ...more } = settings;
  const { draft, rest } = takeDraft(more);
  const isReadAlong = isTerminal || urls.length > 0; // whoever names URLs wants to see what comes of them
  const type = loggingType ?? (isReadAlong ? 'dev' : 'prod');
  return deepFreeze({
    ...rest,
    workerId: rest.workerId ?? `website-monitor-${randomUuid}`,
    shutdownGraceMs: rest.shutdownGraceMs ?? (1 + rest.confirm) * rest.maxTimeoutMs + 5_000,
    logging: type === 'custom' ? { type, configFile: String(loggingConfigFile) } : { type },
    http: httpPort === 'off' ? null : { host: httpHost, port: httpPort },
    websites: { urls: [...new Set(urls)], draft },
  });
}

/** Parts what was said of the URLs from the settings of the service. */
function takeDraft<T extends TargetOptions>(settings: T) {
  const { everyMs, method, headers, requestBody, basicAuth, bearerToken, acceptedStatuses, ...more } =
    settings;
  const { redirectsMax, match, mustNotMatch, latencyMaxMs, ipFamily, verifiesTls, ...others } = more;
  const { certificateValidityMinMs, timeoutMs, ...rest } = others;
  const text = match ?? mustNotMatch;
  const draft: TargetDraft = {
    everyMs,
    method,
    headers: headers ?? null,
    requestBody,
    credentials: basicAuth ?? bearerToken,
    acceptedStatuses,
    redirectsMax,
    pattern: text === null ? null : { text, mustMatch: match !== null },
    latencyMaxMs,
    ipFamily,
    verifiesTls,
    certificateValidityMinMs,
    timeoutMs,
  };
  return { draft, rest };
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
