import { z } from 'zod';
import { CERTIFICATE_ALERT_DAYS, SETTING_LIMITS as LIMITS } from '../domain/setting-limits.ts';
import { websiteUrl } from '../targets/target-rules.ts';
import { oneOf, printable, secondsAsMs, wholeNumber, yesOrNo } from '../targets/text-rules.ts';
import { channelUrl, daysBefore, portOrOff, postgresUrl, privateTargets, smtpUrl } from './rules.ts';
import { about, abouts, optional, seconds, setting, whole } from './setting.ts';
import { together } from './together.ts';

const isSwitch = { isSwitch: true };

/** Where the database is; every command that uses it takes these. */
export const connectionFields = {
  /** Null: the bundled server */
  dsn: optional('--dsn', postgresUrl, 'the bundled server', 'URL of the PostgreSQL database', {
    environment: ['WEBSITE_MONITOR_DSN', 'DATABASE_URL'],
  }),
  /** Null: LISTEN on the same server as everything else */
  listenDsn: optional(
    '--listen-dsn',
    postgresUrl,
    'the DSN',
    'URL of a direct connection for LISTEN, if `--dsn` goes through a pooler in transaction mode',
  ),
  /** Of the bundled server; null: a folder of the user's */
  dataFolder: optional(
    '--data-folder',
    printable(4_096),
    'per user, logged at start',
    'folder for the data of the bundled server',
  ),
};

/** Every setting of the service, in reading order. */
export const serviceFields = {
  ...connectionFields,
  /** For people. Need not be unique: batches are owned by id and epoch */
  workerId: optional(
    '--worker-id',
    printable(200),
    '`website-monitor-{random uuid}`',
    'name of this worker in logs and tables',
  ),
  workerNumber: whole(
    '--worker-number',
    LIMITS.workerNumber,
    'maximum number of checks running at once, not counting slow ones',
  ),
  slowLaneSize: whole(
    '--slow-lane-size',
    LIMITS.slowLaneSize,
    'maximum number of slow checks (over 2 s) running at once',
  ),
  dbPoolSize: whole('--db-pool-size', LIMITS.dbPoolSize, 'maximum number of database connections'),
  batchSize: whole('--batch-size', LIMITS.batchSize, 'maximum number of targets leased at once'),
  queueSize: whole(
    '--queue-size',
    LIMITS.queueSize,
    'maximum number of checks leased or waiting to be recorded',
  ),
  maxTimeoutMs: seconds(
    '--max-timeout',
    LIMITS.maxTimeoutMs,
    'timeout of each attempt in seconds, for targets without their own',
  ),
  raiseForStatus: setting(
    '--raise-for-status',
    yesOrNo,
    'true',
    'a final status of 400 or above is down, unless the target accepts it',
    isSwitch,
  ),
  enableTracing: setting('--enable-tracing', yesOrNo, 'false', 'log the phases of each check', isSwitch),
  loggingType: optional(
    '--logging-type',
    oneOf('dev', 'prod', 'custom'),
    '`prod`; `dev` on a terminal or with URLs',
    'format of the log: `dev` (text), `prod` (JSON) or `custom`',
  ),
  loggingConfigFile: optional(
    '--logging-config-file',
    printable(4_096),
    '–',
    'file that describes the log; required for `custom`',
  ),
  httpHost: setting('--http-host', printable(253), '127.0.0.1', 'address for metrics and health'),
  httpPort: setting(
    '--http-port',
    portOrOff,
    '9400',
    'port for metrics and health; 0 = any free port, see the log; `off` = none',
  ),
  scrapedTargetsMax: setting(
    '--max-scraped-targets',
    wholeNumber(0, 10_000),
    '0',
    'maximum number of targets in one scrape of `/metrics/targets`, which needs no password; larger scrapes are refused; 0 turns the page off',
  ),
  /** Null: none is sent */
  heartbeatUrl: optional(
    '--heartbeat-url',
    websiteUrl,
    '–',
    'URL of a dead-man’s switch, requested every minute while this worker is healthy; if it contains a token, set it in the environment',
  ),
  historyFile: optional(
    '--history-file',
    printable(4_096),
    '–',
    'file to which each step of each slot is appended, one JSON object per line; each worker needs its own',
  ),
  confirm: whole(
    '--confirm',
    LIMITS.confirm,
    'extra attempts, made immediately on a new connection, before a target is reported as down',
  ),
  privateTargets: setting(
    '--allow-private-targets',
    privateTargets,
    'none',
    'non-public addresses that may be checked: `none`, `all`, or a list such as `10.0.0.0/8,127.0.0.1`; cloud metadata addresses must be listed one by one',
  ),
  bodyBytesMax: whole(
    '--max-body-bytes',
    LIMITS.bodyBytesMax,
    'maximum number of bytes to read of a body, after decompression; the rest is cut off',
  ),
  keepAlive: setting(
    '--keep-alive',
    yesOrNo,
    'false',
    'reuse connections between checks if websites keep them open; costs less, but does not notice DNS, routing or certificate problems that arise while a connection is open',
    isSwitch,
  ),
  regexTimeoutMs: seconds(
    '--regex-timeout',
    LIMITS.regexTimeoutMs,
    'longest CPU time to search a body for a pattern, in seconds; after three overruns in a row the pattern is no longer run until it is edited',
  ),
  certificateWarningDays: whole(
    '--certificate-warning',
    LIMITS.certificateWarningDays,
    'warn this many days before a certificate expires; 0 = never',
  ),
  secretsFolder: optional(
    '--secrets-folder',
    printable(4_096),
    '–',
    'folder with the files that `${file:NAME}` refers to in headers and credentials',
  ),
  retentionDays: whole(
    '--retention',
    LIMITS.retentionDays,
    'days to keep checks, failures, gaps, and alerts that are over; rollups by minute are kept for 14 days, by hour for 400, by day and month for ever',
  ),
  /** Each once, in the order in which they are given */
  alertUrls: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform(texts =>
      [...new Set([texts].flat().flatMap(text => text.split(/\s+/)))].filter(text => text !== ''),
    )
    .pipe(z.array(channelUrl))
    .register(
      abouts,
      about(
        '--alert',
        '–',
        'URL of a channel for alerts, added at start if no channel has it, as in `mailto:you@example.org`; repeatable, in the environment separated by spaces',
        { isRepeatable: true },
      ),
    ),
  defaultAlertAfterMs: seconds(
    '--default-alert-after',
    LIMITS.defaultAlertAfterMs,
    'seconds that a target is down before an alert opens, for targets without `alert_after`',
  ),
  defaultRecoveryPeriodMs: seconds(
    '--default-recovery-period',
    LIMITS.defaultRecoveryPeriodMs,
    'seconds that a target is up before its alert closes, for targets without `recovery_period`',
  ),
  alertIntervalMs: seconds(
    '--alert-interval',
    LIMITS.alertIntervalMs,
    'least seconds from one message to the next to a channel that people read; what happens meanwhile is gathered',
  ),
  certificateAlertDays: setting(
    '--certificate-alerts',
    daysBefore,
    CERTIFICATE_ALERT_DAYS.join(),
    'alert this many days before a certificate expires, once each; `none` = never',
  ),
  unknownAfterMs: seconds(
    '--unknown-after',
    LIMITS.unknownAfterMs,
    'seconds that targets are unknown, or not checked, before there is one alert for each cause',
  ),
  privateChannels: setting(
    '--allow-private-channels',
    privateTargets,
    'none',
    'non-public addresses to which alerts may be sent, as `--allow-private-targets`',
  ),
  /** Null: mail cannot be sent */
  smtpUrl: optional(
    '--smtp-url',
    smtpUrl,
    '–',
    'URL of the server that takes mail, as in `smtp://user:password@mail.example.org:587`; needed for email channels',
  ),
  /** Null: messages have no links */
  publicUrl: optional(
    '--public-url',
    websiteUrl,
    '–',
    'URL at which people reach this service, for links in messages',
  ),
  leaseMarginMs: seconds(
    '--lease-margin',
    LIMITS.leaseMarginMs,
    'extra seconds added to a lease, beyond its longest check, to allow for recording',
  ),
  shutdownGraceMs: optional(
    '--shutdown-grace',
    secondsAsMs(0, 3_600),
    'the longest check + 5 s',
    'seconds to finish running checks and record them when stopping',
  ),
  migrate: setting(
    '--migrate',
    yesOrNo,
    'true',
    'apply migrations at start; `--no-migrate` turns this off',
    isSwitch,
  ),
};

/** What some defaults depend on. */
export interface Surroundings {
  /** Somebody reads the log as it is written: on a terminal, or after naming URLs */
  readonly isReadAlong: boolean;
  readonly randomUuid: string;
}

export const needsDsn = {
  keys: ['listenDsn', 'dsn'],
  says: 'needs --dsn: the bundled server has no pooler to bypass',
  holds: ({ listenDsn, dsn }: { listenDsn: string | null; dsn: string | null }) =>
    listenDsn === null || dsn !== null,
} as const;

/** Validates the settings together, and fills in defaults that follow from others. */
export const serviceSchema = ({ isReadAlong, randomUuid }: Surroundings) =>
  together(z.object(serviceFields), [
    {
      keys: ['queueSize', 'workerNumber', 'batchSize'],
      says: 'must be at least --worker-number and --batch-size: it bounds all checks leased or not yet recorded',
      holds: ({ queueSize, workerNumber, batchSize }) => queueSize >= Math.max(workerNumber, batchSize),
    },
    {
      keys: ['loggingConfigFile', 'loggingType'],
      says: 'must name a file if the logging type is custom',
      holds: ({ loggingConfigFile, loggingType }) => loggingType !== 'custom' || loggingConfigFile !== null,
    },
    {
      keys: ['alertUrls', 'smtpUrl'],
      says: 'mail needs --smtp-url, as in smtp://user:password@mail.example.org:587',
      holds: ({ alertUrls, smtpUrl: url }) => url !== null || !alertUrls.some(text => /^mailto:/i.test(text)),
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

/** Time to record when stopping, after the longest check */
const GRACE_MARGIN_MS = 5_000;

export type ServiceConfig = Readonly<z.output<ReturnType<typeof serviceSchema>>>;
