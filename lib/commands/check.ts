import { firstValueFrom } from 'rxjs';
import { checkTarget } from '../checking/check-target.ts';
import type { Secrets } from '../checking/ports.ts';
import type { Config } from '../config/parse-config.ts';
import type { Check } from '../domain/check/check.ts';
import { createMatcher } from '../matching/matcher.ts';
import { createNameResolver } from '../net/names/resolve-name.ts';
import { createFetch } from '../probe/create-fetch.ts';
import { warmUp } from '../probe/warm-up.ts';
import { targetOf } from '../targets/target-of.ts';
import { checkJson, checkReport } from './check-report.ts';

/** As `diff` and `grep` have it: 0 as hoped, 1 not so; and a third for not knowing. */
const EXIT_CODES = { up: 0, down: 1, unknown: 3 } as const;

/**
 * Checks each website once, as the service would, and prints what was seen. Nothing is stored.
 *
 * @returns the exit code: that of the worst outcome
 */
export async function check(
  config: Config,
  secrets: Secrets,
  print: (text: string) => Promise<void>,
  isColoured: boolean,
): Promise<number> {
  const { urls, draft } = config.websites;
  const names = createNameResolver();
  const matcher = createMatcher({ runMsMax: config.regexTimeoutMs });
  const ports = {
    fetch: createFetch({ ...config, resolve: names.resolve, secrets }),
    match: matcher.match,
  };
  const targets = urls.map(url => targetOf(url, draft, config.maxTimeoutMs));
  if (targets[0]) await warmUp(targets[0]);
  const exitCodes: number[] = [];
  for (const target of targets) {
    const seen = await firstValueFrom(checkTarget(ports, config)(target));
    await print(config.json ? `${JSON.stringify(checkJson(seen))}\n` : checkReport(seen, isColoured));
    exitCodes.push(exitCodeOf(seen));
  }
  names.close();
  await matcher.close();
  return exitCodes.find(code => code === EXIT_CODES.down) ?? Math.max(...exitCodes);
}

const exitCodeOf = ({ verdict }: Check): number => EXIT_CODES[verdict.outcome];
