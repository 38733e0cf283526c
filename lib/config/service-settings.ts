import { z } from 'zod';
import { SETTING_LIMITS as LIMITS } from '../domain/setting-limits.ts';
import { websiteUrl } from '../targets/target-rules.ts';
import { oneOf, printable, secondsAsMs, wholeNumber, yesOrNo } from '../targets/text-rules.ts';
import { portOrOff, postgresUrl, privateTargets } from './rules.ts';
import { optional, seconds, setting, whole } from './setting.ts';
import { together } from './together.ts';

const isSwitch = { isSwitch: true };

/** Where the database is: taken by every command that reads or writes it. */
export const connectionFields = {
  /** Null: the bundled server */
  dsn: optional('--dsn', postgresUrl, 'the bundled server', 'PostgreSQL', {
    environment: ['WEBSITE_MONITOR_DSN', 'DATABASE_URL'],
  }),
  /** Null: LISTEN on the same server as everything else */
  listenDsn: optional('--listen-dsn', postgresUrl, 'the DSN', 'direct connection for LISTEN behind a pooler'),
  /** Of the bundled server; null: a folder of the user's */
  dataFolder: optional(
    '--data-folder',
    printable(4_096),
    'a folder of the user’s, named at start',
    'the bundled server’s data',
  ),
};

/** Every setting of the service, in the order in which people read them. */
export const serviceFields = {
  ...connectionFields,
  /** For people; it need not be unique, since a batch is owned by whoever knows its id and epoch */
  workerId: optional(
    '--worker-id',
    printable(200),
    '`website-monitor-{random uuid}`',
    'name in logs and tables',
  ),
  workerNumber: whole('--worker-number', LIMITS.workerNumber, 'checks running at once'),
  dbPoolSize: whole('--db-pool-size', LIMITS.dbPoolSize, 'connections'),
  batchSize: whole('--batch-size', LIMITS.batchSize, 'targets leased at once'),
  queueSize: whole('--queue-size', LIMITS.queueSize, 'bound on checks leased or unrecorded'),
  maxTimeoutMs: seconds('--max-timeout', LIMITS.maxTimeoutMs, 'seconds, of each attempt'),
  raiseForStatus: setting('--raise-for-status', yesOrNo, 'true', 'status ≥ 400 is down', isSwitch),
  enableTracing: setting(
    '--enable-tracing',
    yesOrNo,
    'false',
    'per-phase trace of each check in the log',
    isSwitch,
  ),
  loggingType: optional(
    '--logging-type',
    oneOf('dev', 'prod', 'custom'),
    '`prod` (`dev` on a terminal, or with URLs)',
    '`dev`, `prod` (JSON), `custom`',
  ),
  loggingConfigFile: optional('--logging-config-file', printable(4_096), '–', 'required for `custom`'),
  httpHost: setting('--http-host', printable(253), '127.0.0.1', 'address for metrics and health'),
  httpPort: setting(
    '--http-port',
    portOrOff,
    '9400',
    'port for metrics and health; 0 = any free, named in the log; `off` = none',
  ),
  scrapedTargetsMax: setting(
    '--max-scraped-targets',
    wholeNumber(0, 10_000),
    '1000',
    'targets that one scrape of `/metrics/targets` may show; more are refused; 0 = none are shown',
  ),
  /** Null: none is sent */
  heartbeatUrl: optional(
    '--heartbeat-url',
    websiteUrl,
    '–',
    'URL of a dead-man’s switch: a GET each minute while this worker is well; better in the variable where it holds a token',
  ),
  historyFile: optional(
    '--history-file',
    printable(4_096),
    '–',
    'file to which each step of each slot is appended, one JSON object a line; one file per worker',
  ),
  confirm: whole(
    '--confirm',
    LIMITS.confirm,
    'checks made again, at once and on a new connection, before a target that was not down is called down',
  ),
  privateTargets: setting(
    '--allow-private-targets',
    privateTargets,
    'none',
    'addresses beyond public ones that may be checked: `none`, `all`, or as in `10.0.0.0/8,127.0.0.1`; those of cloud metadata only by name',
  ),
  bodyBytesMax: whole(
    '--max-body-bytes',
    LIMITS.bodyBytesMax,
    'bytes read of a body, after decompression; the rest is cut',
  ),
  keepAlive: setting(
    '--keep-alive',
    yesOrNo,
    'false',
    'keep connections for the next check, where websites do: cheaper, and blind to names, routes and certificates that have broken meanwhile',
    isSwitch,
  ),
  regexTimeoutMs: seconds(
    '--regex-timeout',
    LIMITS.regexTimeoutMs,
    'seconds that a search in a body may run; three overruns in a row set the pattern aside',
  ),
  certificateWarningDays: whole(
    '--certificate-warning',
    LIMITS.certificateWarningDays,
    'days before a certificate expires from which on that is warned of; 0 = never',
  ),
  secretsFolder: optional(
    '--secrets-folder',
    printable(4_096),
    '–',
    'folder of the files that `${file:NAME}` in headers and credentials refers to',
  ),
  retentionDays: whole(
    '--retention',
    LIMITS.retentionDays,
    'days that checks, failures and gaps are kept; minutes of rollups are kept 14, hours 400, days and months for ever',
  ),
  leaseMarginMs: seconds(
    '--lease-margin',
    LIMITS.leaseMarginMs,
    'seconds that a lease lasts beyond the longest check, for recording',
  ),
  shutdownGraceMs: optional(
    '--shutdown-grace',
    secondsAsMs(0, 3_600),
    'the longest check + 5',
    'seconds for running checks to end at a stop',
  ),
  migrate: setting(
    '--migrate',
    yesOrNo,
    'true',
    'apply the migrations at start; `--no-migrate` does not',
    isSwitch,
  ),
};

/** What defaults depend on. */
export interface Surroundings {
  /** Somebody reads the log as it is written: on a terminal, or after naming URLs */
  readonly isReadAlong: boolean;
  readonly randomUuid: string;
}

export const needsDsn = {
  keys: ['listenDsn', 'dsn'],
  says: 'needs --dsn beside it: the bundled server has no pooler to go around',
  holds: ({ listenDsn, dsn }: { listenDsn: string | null; dsn: string | null }) =>
    listenDsn === null || dsn !== null,
} as const;

/** The settings of the service, judged together, and with defaults that follow from others. */
export const serviceSchema = ({ isReadAlong, randomUuid }: Surroundings) =>
  together(z.object(serviceFields), [
    {
      keys: ['queueSize', 'workerNumber', 'batchSize'],
      says: 'must be at least --worker-number and --batch-size, since it bounds all checks leased or unrecorded',
      holds: ({ queueSize, workerNumber, batchSize }) => queueSize >= Math.max(workerNumber, batchSize),
    },
    {
      keys: ['loggingConfigFile', 'loggingType'],
      says: 'must name a file where the logging type is custom',
      holds: ({ loggingConfigFile, loggingType }) => loggingType !== 'custom' || loggingConfigFile !== null,
    },
    needsDsn,
  ]).transform(({ loggingType, loggingConfigFile, httpHost, httpPort, ...settings }) => {
    const type = loggingType ?? (isReadAlong ? 'dev' : 'prod');
    return {
      ...settings,
      workerId: settings.workerId ?? `website-monitor-${randomUuid}`,
      shutdownGraceMs:
        settings.shutdownGraceMs ?? (1 + settings.confirm) * settings.maxTimeoutMs + GRACE_MARGIN_MS,
      logging: type === 'custom' ? { type, configFile: String(loggingConfigFile) } : { type },
      /** Null: no server for metrics and health */
      http: httpPort === 'off' ? null : { host: httpHost, port: httpPort },
    };
  });

/** Of the grace at a stop: for recording, after the longest check */
const GRACE_MARGIN_MS = 5_000;

export type ServiceConfig = Readonly<z.output<ReturnType<typeof serviceSchema>>>;
