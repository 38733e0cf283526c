import type { Cause } from '../domain/check/cause.ts';
import type { Outcome } from '../domain/check/check.ts';
import type { PrivateTargets } from '../domain/target/private-targets.ts';
import { draftOf, OPTIONS, type OptionKey, type TargetOptions } from '../targets/options.ts';
import type { TargetDraft } from '../targets/target-draft.ts';
import { readArguments } from './arguments.ts';
import {
  ABOUT_COMMANDS,
  type AboutCommand,
  askedFor,
  type Command,
  commandsOf,
  type Group,
} from './commands.ts';
import type { TargetName } from './rules.ts';
import { settingsSchema } from './schema.ts';
import { FLAGS, type Settings } from './settings.ts';
import { type Environment, mergeEnvironment, type Source, sourcesOf } from './sources.ts';

export type { Command };

/** Everything that the process can be told, frozen. `--help` says what each flag means. */
export interface Config {
  /** Null: the bundled server */
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
  /** Bound on checks leased or unrecorded; never below the two above */
  readonly queueSize: number;
  readonly maxTimeoutMs: number;
  /** How much longer than its longest check a lease lasts: the time there is for recording */
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
  /** Checks, failures and gaps are kept for so long */
  readonly retentionDays: number;
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
  /** Of the bundled server; null: a folder of the user's */
  readonly dataFolder: string | null;
  /** Targets given on the command line; the URLs in their normal form, each once */
  readonly websites: { readonly urls: readonly string[]; readonly draft: TargetDraft };
  /** Print JSON, where a command prints */
  readonly json: boolean;
  readonly asked: Asked;
}

/** What only commands beside the service are told. */
export interface Asked {
  /** Those that a command is to change */
  readonly targets: readonly TargetName[];
  /** Null: none was named */
  readonly file: string | null;
  /** Null: any URL */
  readonly urlPart: string | null;
  /** Null: any */
  readonly outcomes: readonly Outcome[] | null;
  readonly causes: readonly Cause[] | null;
  /** How far to look back */
  readonly lastMs: number;
  /** Rows of each list */
  readonly rowsMax: number;
  /** Null: as the file's name ends */
  readonly format: 'csv' | 'json' | null;
  readonly dryRun: boolean;
  readonly withSecrets: boolean;
}

export type Parsed =
  | { readonly kind: Command; readonly config: Config }
  | { readonly kind: 'version' }
  /** Of a command, or of a group of them, where one is named */
  | { readonly kind: 'help'; readonly of?: Command | Group }
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
  const asked = askedFor(words);
  if (wants === 'version') return { kind: 'version' };
  if (wants === 'help') return helpOn(words.length === 0 ? null : asked);
  if (asked.kind !== 'command') return { kind: 'invalid', problems: [...misused, noCommand(asked)] };

  const { command } = asked;
  const about = ABOUT_COMMANDS.get(command) as AboutCommand;
  const [taken, misplaced] = partFlags(command, about, given);
  const sources = sourcesOf(taken, mergeEnvironment(surroundings.dotEnv ?? '', environment));
  const texts = [...sources].map(([key, { text }]) => [key, text]);
  const parsed = settingsSchema.safeParse({
    ...Object.fromEntries(texts),
    [about.words.become]: asked.words,
  });

  const problems = [
    ...misused,
    ...miscounted(command, about, asked.words.length),
    ...misplaced,
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${nameOf(path, sources)}: ${message}`),
  ];
  if (parsed.data === undefined || problems.length > 0) return { kind: 'invalid', problems };
  return { kind: command, config: toConfig(parsed.data, surroundings) };
}

const helpOn = (asked: ReturnType<typeof askedFor> | null): Parsed => {
  if (asked?.kind === 'command') return { kind: 'help', of: asked.command };
  return asked?.kind === 'group' ? { kind: 'help', of: asked.group } : { kind: 'help' };
};

const noCommand = (asked: Exclude<ReturnType<typeof askedFor>, { kind: 'command' }>): string =>
  asked.kind === 'group'
    ? `${asked.group}: needs one of ${commandsOf(asked.group)
        .map(name => name.slice(asked.group.length + 1))
        .join(', ')} behind it; see ${asked.group} --help`
    : 'argument 1: neither a command nor a URL; see --help';

function miscounted(command: Command, { words }: AboutCommand, count: number): string[] {
  if (count < words.min) return [`${command}: needs ${words.called}`];
  if (count > words.max)
    return [`${command}: takes ${words.max === 0 ? 'no' : ''} ${words.called}`.replace('  ', ' ')];
  return [];
}

/** The flags that a command takes, and what there is to say of the others. */
function partFlags(
  command: Command,
  { flags }: AboutCommand,
  given: ReadonlyMap<string, readonly string[]>,
): [ReadonlyMap<string, readonly string[]>, string[]] {
  const taken = new Set(flags.map(key => FLAGS.get(key)?.flag));
  const misplaced = [...given.keys()].filter(flag => !taken.has(flag));
  return [
    new Map([...given].filter(([flag]) => taken.has(flag))),
    misplaced.map(flag => `${flag}: ${command} does not take it; see ${command} --help`),
  ];
}

const WORD_NAMES = new Map<unknown, string>([
  ['urls', 'URL'],
  ['targets', 'target'],
  ['files', 'file'],
]);

const nameOf = ([key, index]: readonly PropertyKey[], sources: ReadonlyMap<unknown, Source>): string =>
  sources.get(key)?.name ?? `${WORD_NAMES.get(key)} ${Number(index) + 1}`;

function toConfig(settings: Settings, { isTerminal, randomUuid }: Surroundings): Config {
  const { loggingType, loggingConfigFile, httpHost, httpPort, urls, ...more } = settings;
  const { asked, others } = takeAsked(more);
  const { rest, draft } = takeDraft(others);
  const isReadAlong = isTerminal || urls.length > 0; // whoever names URLs wants to see what comes of them
  const type = loggingType ?? (isReadAlong ? 'dev' : 'prod');
  return deepFreeze({
    ...rest,
    workerId: rest.workerId ?? `website-monitor-${randomUuid}`,
    shutdownGraceMs: rest.shutdownGraceMs ?? (1 + rest.confirm) * rest.maxTimeoutMs + 5_000,
    logging: type === 'custom' ? { type, configFile: String(loggingConfigFile) } : { type },
    http: httpPort === 'off' ? null : { host: httpHost, port: httpPort },
    websites: { urls: [...new Set(urls)], draft },
    asked,
  });
}

/** Parts what only commands are told from everything else. */
function takeAsked(
  settings: Omit<Settings, 'loggingType' | 'loggingConfigFile' | 'httpHost' | 'httpPort' | 'urls'>,
) {
  const {
    targets,
    files,
    urlPart,
    outcomes,
    causes,
    lastMs,
    rowsMax,
    format,
    dryRun,
    withSecrets,
    ...others
  } = settings;
  const [file = null] = files;
  const asked: Asked = {
    targets,
    file,
    urlPart,
    outcomes,
    causes,
    lastMs,
    rowsMax,
    format,
    dryRun,
    withSecrets,
  };
  return { asked, others };
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}

/** Parts what was said of the URLs from the settings of the service. */
function takeDraft<T extends TargetOptions>(settings: T) {
  const rest = Object.fromEntries(Object.entries(settings).filter(([key]) => !(key in OPTIONS)));
  return { draft: draftOf(settings), rest: rest as Omit<T, OptionKey> };
}
