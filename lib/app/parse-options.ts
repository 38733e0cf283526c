import { randomUUID } from 'node:crypto';
import type { Observable } from 'rxjs';
import { CERTIFICATE_ALERT_DAYS, SETTING_LIMITS } from '../domain/setting-limits.ts';
import { NO_PRIVATE_TARGETS } from '../domain/target/private-targets.ts';
import type { NewTargets } from '../postgres/targets/add-targets.ts';
import { websiteUrl } from '../targets/target-rules.ts';
import type { MonitorNumbers, MonitorOptions, Website } from './monitor-options.ts';
import { NUMBER_NAMES, optionProblems } from './option-problems.ts';
import { stopInput } from './stop-input.ts';
import type { WorkerSettings } from './worker-parts.ts';

/** What the options of `createMonitor` say, with every default filled in. */
export interface ParsedOptions {
  readonly settings: Omit<WorkerSettings, 'workerId'> & Pick<MonitorNumbers, 'dbPoolSize'>;
  /** Each subscription is a worker with a name of its own, unless the caller named it */
  readonly newWorkerId: () => string;
  readonly websites: readonly NewTargets[];
  readonly stop: Observable<unknown>;
}

const PROBLEMS_SHOWN_MAX = 20;

/** @throws RangeError that names every invalid option, and never its value */
export function parseOptions(options: MonitorOptions): ParsedOptions {
  const problems = optionProblems(options);
  if (problems.length > 0) throw new RangeError(shown(problems));
  const { worker, websites, stop } = options;
  return {
    settings: {
      ...monitorNumbers(options),
      migrate: options.migrate ?? true,
      raiseForStatus: options.raiseForStatus ?? true,
      privateTargets: options.privateTargets ?? NO_PRIVATE_TARGETS,
      keepAlive: options.keepAlive ?? false,
      alerting: options.alerting ?? true,
      privateChannels: options.privateChannels ?? NO_PRIVATE_TARGETS,
      smtpUrl: options.smtpUrl ?? null,
      publicUrl: null,
      alertUrls: [],
      certificateAlertDays: CERTIFICATE_ALERT_DAYS,
      unknownAfterMs: SETTING_LIMITS.unknownAfterMs.byDefault,
      certificateWarningDays: SETTING_LIMITS.certificateWarningDays.byDefault,
    },
    newWorkerId: () => worker ?? `website-monitor-${randomUUID()}`,
    websites: (websites ?? []).map(newTargets),
    stop: stopInput(stop),
  };
}

export const monitorNumbers = (options: MonitorOptions): MonitorNumbers =>
  Object.fromEntries(
    NUMBER_NAMES.map(name => [name, options[name] ?? SETTING_LIMITS[name].byDefault]),
  ) as unknown as MonitorNumbers;

const shown = (problems: readonly string[]): string => {
  const more = problems.length - PROBLEMS_SHOWN_MAX;
  return problems.slice(0, PROBLEMS_SHOWN_MAX).join('; ') + (more > 0 ? `; and ${more} more` : '');
};

/** Normalizes the URL, so that the same website is the same text at every start. */
const newTargets = (website: string | Website): NewTargets => {
  const { url, ...draft } = typeof website === 'string' ? { url: website } : website;
  return { urls: [websiteUrl.parse(url)], draft };
};
