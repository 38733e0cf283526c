import type { ObservableInput } from 'rxjs';
import type { Hooks, Ports, Secrets } from '../checking/ports.ts';
import type { PrivateTargets } from '../domain/target/private-targets.ts';
import type { TargetDraft } from '../targets/target-draft.ts';
import type { Logger } from './logger.ts';

/** A website to be added to the targets, or to be changed where it is there already. */
export type Website = { readonly url: string } & Partial<TargetDraft>;

/** What can be left out has the default that the service has. */
export interface MonitorOptions extends AnyOf<MonitorNumbers> {
  /** PostgreSQL 14 or newer, as a URL. The schema `website_monitor` is made there */
  readonly dsn: string;
  /** A direct connection for LISTEN, where `dsn` leads through a pooler in transaction mode */
  readonly listenDsn?: string | undefined;
  /** Name in tables and sessions; it need not be unique. Default `website-monitor-{random uuid}` */
  readonly worker?: string | undefined;
  /** To be added before the first check. Default: what is in `monitored_targets` is all */
  readonly websites?: readonly (string | Website)[] | undefined;
  /** False: refuse a schema that is not current instead of changing it. Default true */
  readonly migrate?: boolean | undefined;
  /** False: any status is up, where a target says nothing of its own. Default true: 400 or more is down */
  readonly raiseForStatus?: boolean | undefined;
  /** Addresses beyond public ones that may be checked. Default none */
  readonly privateTargets?: PrivateTargets | undefined;
  /** What references in headers and credentials stand for; see `createSecrets`. Default: for themselves */
  readonly secrets?: Secrets | undefined;
  /** True: connections are kept from check to check, where websites do. Default false: each check dials anew */
  readonly keepAlive?: boolean | undefined;
  /** In the place of ours; then `privateTargets`, `secrets`, `bodyBytesMax` and `keepAlive` are its own business */
  readonly fetch?: Ports['fetch'] | undefined;
  /** In the place of ours; then `regexTimeoutMs` is its own business */
  readonly match?: Ports['match'] | undefined;
  /** Told what happens, for metrics. Default nobody */
  readonly hooks?: Partial<Hooks> | undefined;
  /** Told what goes wrong. Default nobody */
  readonly log?: Logger | undefined;
  /** Asks for a graceful stop by its first value: nothing more is leased; what runs is finished and recorded */
  readonly stop?: ObservableInput<unknown> | undefined;
}

type AnyOf<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface MonitorNumbers {
  /** Checks running at once; default 256 */
  readonly workerNumber: number;
  /** Connections; one more listens. Default 10 */
  readonly dbPoolSize: number;
  /** Slots leased at once; default 200 */
  readonly batchSize: number;
  /** Slots leased or unrecorded at once; default 2000 */
  readonly queueSize: number;
  /** Of each attempt, in ms, for targets without a timeout of their own; default 10,000 */
  readonly maxTimeoutMs: number;
  /** How much longer than its longest check a lease lasts, in ms: the time for recording; default 5000 */
  readonly leaseMarginMs: number;
  /** Attempts made after the first before a target that was not down is called down; default 1 */
  readonly confirm: number;
  /** Bytes read of a body, after decompression; default 1 MiB */
  readonly bodyBytesMax: number;
  /** That a search in a body may run for, in ms; default 250 */
  readonly regexTimeoutMs: number;
  /** That results, failures and gaps are kept, in days; rollups are kept for longer. Default 90 */
  readonly retentionDays: number;
}

/** Default, least and most of each: the same as the service's settings have. */
const NUMBERS: Readonly<Record<keyof MonitorNumbers, readonly [number, number, number]>> = {
  workerNumber: [256, 1, 10_000],
  dbPoolSize: [10, 2, 500],
  batchSize: [200, 1, 10_000],
  queueSize: [2_000, 1, 100_000],
  maxTimeoutMs: [10_000, 100, 300_000],
  leaseMarginMs: [5_000, 2_000, 3_600_000],
  confirm: [1, 0, 5],
  bodyBytesMax: [2 ** 20, 1, 2 ** 26],
  regexTimeoutMs: [250, 10, 1_000],
  retentionDays: [90, 1, 3_650],
};

/** @throws RangeError that names every option at fault, and never its value */
export function monitorNumbers(options: MonitorOptions): MonitorNumbers {
  const numbers = Object.entries(NUMBERS).map(([name, [byDefault]]) => {
    return [name, options[name as keyof MonitorNumbers] ?? byDefault] as const;
  });
  const problems = numbers.flatMap(([name, value]) => {
    const [, least, most] = NUMBERS[name as keyof MonitorNumbers];
    const fits = Number.isInteger(value) && value >= least && value <= most;
    return fits ? [] : [`${name}: must be a whole number from ${least} to ${most}`];
  });
  if (!/^postgres(ql)?:\/\//i.test(options.dsn)) problems.unshift('dsn: must be a PostgreSQL URL');
  for (const website of options.websites ?? [])
    if (urlOf(website) === null) problems.push('websites: must be http or https URLs');
  if (problems.length > 0) throw new RangeError([...new Set(problems)].join('; '));
  return Object.fromEntries(numbers) as unknown as MonitorNumbers;
}

/** In its normal form, so that the same website is the same text at every start; null for what is none. */
export function urlOf(website: string | Website): string | null {
  const text = typeof website === 'string' ? website : website.url;
  return /^https?:\/\//i.test(text) ? (URL.parse(text)?.href ?? null) : null;
}
