import { z } from 'zod';
import { commandFields } from './command-options.ts';
import * as rules from './rules.ts';
import { type About, abouts, optional, setting } from './setting.ts';
import { targetFields } from './target-options.ts';

const isSwitch = { isSwitch: true };

const fields = {
  dsn: optional('--dsn', rules.postgresUrl, 'the bundled server', 'PostgreSQL', {
    environment: ['WEBSITE_MONITOR_DSN', 'DATABASE_URL'],
  }),
  listenDsn: optional(
    '--listen-dsn',
    rules.postgresUrl,
    'the DSN',
    'direct connection for LISTEN behind a pooler',
  ),
  workerId: optional(
    '--worker-id',
    rules.printable(200),
    '`website-monitor-{random uuid}`',
    'name in logs and tables',
  ),
  workerNumber: setting('--worker-number', rules.wholeNumber(1, 10_000), '256', 'checks running at once'),
  dbPoolSize: setting('--db-pool-size', rules.wholeNumber(2, 500), '10', 'connections'),
  batchSize: setting('--batch-size', rules.wholeNumber(1, 10_000), '200', 'targets leased at once'),
  queueSize: setting(
    '--queue-size',
    rules.wholeNumber(1, 100_000),
    '2000',
    'bound on checks leased or unrecorded',
  ),
  maxTimeoutMs: setting('--max-timeout', rules.secondsAsMs(0.1, 300), '10', 'seconds, of each attempt'),
  raiseForStatus: setting('--raise-for-status', rules.yesOrNo, 'true', 'status ≥ 400 is down', isSwitch),
  enableTracing: setting(
    '--enable-tracing',
    rules.yesOrNo,
    'false',
    'per-phase trace of each check in the log',
    isSwitch,
  ),
  loggingType: optional(
    '--logging-type',
    rules.oneOf('dev', 'prod', 'custom'),
    '`prod` (`dev` on a terminal, or with URLs)',
    '`dev`, `prod` (JSON), `custom`',
  ),
  loggingConfigFile: optional('--logging-config-file', rules.printable(4_096), '–', 'required for `custom`'),
  httpHost: setting('--http-host', rules.printable(253), '127.0.0.1', 'address for metrics and health'),
  httpPort: setting(
    '--http-port',
    rules.portOrOff,
    '9400',
    'port for metrics and health; 0 = any free, named in the log; `off` = none',
  ),
  scrapedTargetsMax: setting(
    '--max-scraped-targets',
    rules.wholeNumber(0, 10_000),
    '1000',
    'targets that one scrape of `/metrics/targets` may show; more are refused; 0 = none are shown',
  ),
  historyFile: optional(
    '--history-file',
    rules.printable(4_096),
    '–',
    'file to which each step of each slot is appended, one JSON object a line; one file per worker',
  ),
  confirm: setting(
    '--confirm',
    rules.wholeNumber(0, 5),
    '1',
    'checks made again, at once and on a new connection, before a target that was not down is called down',
  ),
  privateTargets: setting(
    '--allow-private-targets',
    rules.privateTargets,
    'none',
    'addresses beyond public ones that may be checked: `none`, `all`, or as in `10.0.0.0/8,127.0.0.1`; those of cloud metadata only by name',
  ),
  bodyBytesMax: setting(
    '--max-body-bytes',
    rules.wholeNumber(1, 67_108_864),
    '1048576',
    'bytes read of a body, after decompression; the rest is cut',
  ),
  keepAlive: setting(
    '--keep-alive',
    rules.yesOrNo,
    'false',
    'keep connections for the next check, where websites do: cheaper, and blind to names, routes and certificates that have broken meanwhile',
    isSwitch,
  ),
  regexTimeoutMs: setting(
    '--regex-timeout',
    rules.secondsAsMs(0.01, 1),
    '0.25',
    'seconds that a search in a body may run; three overruns in a row set the pattern aside',
  ),
  certificateWarningDays: setting(
    '--certificate-warning',
    rules.wholeNumber(0, 365),
    '14',
    'days before a certificate expires from which on that is warned of; 0 = never',
  ),
  secretsFolder: optional(
    '--secrets-folder',
    rules.printable(4_096),
    '–',
    'folder of the files that `${file:NAME}` in headers and credentials refers to',
  ),
  retentionDays: setting(
    '--retention',
    rules.wholeNumber(1, 3_650),
    '90',
    'days that checks, failures and gaps are kept; minutes of rollups are kept 14, hours 400, days and months for ever',
  ),
  leaseMarginMs: setting(
    '--lease-margin',
    rules.secondsAsMs(2, 3_600), // searching a body may take one and a half of them
    '5',
    'seconds that a lease lasts beyond the longest check, for recording',
  ),
  shutdownGraceMs: optional(
    '--shutdown-grace',
    rules.secondsAsMs(0, 3_600),
    'the longest check + 5',
    'seconds for running checks to end at a stop',
  ),
  migrate: setting(
    '--migrate',
    rules.yesOrNo,
    'true',
    'apply the migrations at start; `--no-migrate` does not',
    isSwitch,
  ),
  dataFolder: optional(
    '--data-folder',
    rules.printable(4_096),
    'a folder of the user’s, named at start',
    'the bundled server’s data',
  ),
};

const allFields = { ...fields, ...targetFields, ...commandFields };

export type Key = keyof typeof allFields;

const aboutsOf = <Name extends Key>(names: Record<Name, unknown>): ReadonlyMap<Key, About> =>
  new Map((Object.keys(names) as Name[]).map(key => [key, abouts.get(allFields[key]) as About]));

/** Every setting of the service and how it is told of, in the order in which people read them. */
export const SETTINGS = aboutsOf(fields);

/** What can be said of the URLs on the command line. */
export const TARGET_OPTIONS = aboutsOf(targetFields);

/** What only commands beside the service take. */
export const COMMAND_OPTIONS = aboutsOf(commandFields);

/** All that the command line knows. */
export const FLAGS = aboutsOf(allFields);

/** Each setting by itself; what they must be like together is said in schema.ts. */
export const values = z.object({
  ...allFields,
  urls: z.array(rules.websiteUrl).default([]),
  targets: z.array(rules.targetName).default([]),
  files: z.array(rules.printable(4_096)).default([]),
});

export type Settings = z.output<typeof values>;
