import { HOOK_NAMES } from '../checking/combine-hooks.ts';
import { postgresUrl, privateTargets, smtpUrl } from '../config/rules.ts';
import { SETTING_LIMITS } from '../domain/setting-limits.ts';
import { draftProblems } from '../targets/draft-problems.ts';
import { websiteUrl } from '../targets/target-rules.ts';
import { printable } from '../targets/text-rules.ts';
import type { MonitorNumbers, MonitorOptions, Website } from './monitor-options.ts';
import { stopInput } from './stop-input.ts';

/** The options that are whole numbers. */
export const NUMBER_NAMES = [
  'workerNumber',
  'slowLaneSize',
  'dbPoolSize',
  'batchSize',
  'queueSize',
  'maxTimeoutMs',
  'leaseMarginMs',
  'confirm',
  'bodyBytesMax',
  'regexTimeoutMs',
  'retentionDays',
  'defaultAlertAfterMs',
  'defaultRecoveryPeriodMs',
  'alertIntervalMs',
] as const satisfies readonly (keyof MonitorNumbers)[];

const SWITCH_NAMES = ['migrate', 'raiseForStatus', 'keepAlive', 'alerting'] as const;
const FUNCTION_NAMES = ['fetch', 'match', 'secrets', 'send'] as const;

/** Returns one sentence per invalid option. It names the option and never shows its value. */
export const optionProblems = (options: MonitorOptions): readonly string[] => [
  ...textProblem('dsn', options.dsn, postgresUrl),
  ...(isGiven(options.listenDsn) ? textProblem('listenDsn', options.listenDsn, postgresUrl) : []),
  ...(isGiven(options.worker) ? textProblem('worker', options.worker, printable(200)) : []),
  ...websitesProblems(options.websites),
  ...NUMBER_NAMES.flatMap(name => numberProblem(name, options[name])),
  ...SWITCH_NAMES.flatMap(name => typeProblem(name, options[name], 'boolean')),
  ...privateTargetsProblem('privateTargets', options.privateTargets),
  ...privateTargetsProblem('privateChannels', options.privateChannels),
  ...(isGiven(options.smtpUrl) ? textProblem('smtpUrl', options.smtpUrl, smtpUrl) : []),
  ...FUNCTION_NAMES.flatMap(name => typeProblem(name, options[name], 'function')),
  ...HOOK_NAMES.flatMap(name => typeProblem(`hooks.${name}`, options.hooks?.[name], 'function')),
  ...(isGiven(options.log)
    ? (['warn', 'info'] as const).flatMap(name =>
        typeof options.log?.[name] === 'function' ? [] : [`log.${name}: must be a function`],
      )
    : []),
  ...stopProblem(options.stop),
];

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

type TextRule = typeof postgresUrl;

const textProblem = (name: string, value: unknown, rule: TextRule): string[] => {
  const { error } = rule.safeParse(value);
  if (error === undefined) return [];
  return [`${name}: ${typeof value === 'string' ? error.issues[0]?.message : 'must be a text'}`];
};

const typeProblem = (name: string, value: unknown, type: 'boolean' | 'function'): string[] => {
  if (!isGiven(value) || typeof value === type) return [];
  return [`${name}: must be ${type === 'boolean' ? 'true or false' : 'a function'}`];
};

function numberProblem(name: keyof MonitorNumbers, value: unknown): string[] {
  const { min, max } = SETTING_LIMITS[name];
  if (!isGiven(value) || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max)) return [];
  return [`${name}: must be a whole number from ${min} to ${max}`];
}

function websitesProblems(websites: MonitorOptions['websites']): string[] {
  if (!isGiven(websites)) return [];
  if (!Array.isArray(websites)) return ['websites: must be an array of URLs and drafts'];
  return websites.flatMap((website: string | Website | null, index) => {
    const draft = typeof website === 'string' ? { url: website } : website;
    const name = `websites[${index}]`;
    if (draft === null || typeof draft !== 'object') return [`${name}: must be a URL or a draft with one`];
    return [
      ...textProblem(name, draft.url, websiteUrl),
      ...draftProblems(draft).map(problem => `${name}.${problem}`),
    ];
  });
}

function privateTargetsProblem(name: string, said: MonitorOptions['privateTargets']): string[] {
  if (!isGiven(said)) return [];
  const { all, ranges } = Object(said);
  if (typeof all !== 'boolean' || !Array.isArray(ranges))
    return [`${name}: must be { all: true or false, ranges: addresses and ranges }`];
  const isRange = (range: unknown): boolean =>
    typeof range === 'string' &&
    !/^\s*(all|none|)\s*$|,/.test(range) &&
    privateTargets.safeParse(range).success;
  const wrong = ranges.findIndex(range => !isRange(range));
  if (wrong === -1) return [];
  return [`${name}.ranges[${wrong}]: must be an address or a range, as in 10.0.0.0/8`];
}

function stopProblem(stop: MonitorOptions['stop']): string[] {
  try {
    stopInput(stop);
    return [];
  } catch {
    return ['stop: must be an Observable, a promise or an AbortSignal'];
  }
}
