import { firstValueFrom } from 'rxjs';
import { checkTarget } from '../checking/check-target.ts';
import type { Check } from '../domain/check/check.ts';
import { createMatcher } from '../matching/matcher.ts';
import { createNameResolver } from '../net/names/resolve-name.ts';
import { createFetch } from '../probe/create-fetch.ts';
import { warmUp } from '../probe/warm-up.ts';
import { createSecrets } from '../secrets/create-secrets.ts';
import { targetOf } from '../targets/target-of.ts';
import { checkJson, checkReport } from './check-report.ts';
import type { Run } from './work.ts';

/** As with `diff` and `grep`, 0 is good and 1 is bad. */
const EXIT_CODES = { up: 0, down: 1, unknown: 3 } as const;

/**
 * Checks each website once, as the service would, and prints the result. Records nothing.
 *
 * @returns the exit code of the worst outcome
 */
export const check: Run<'check'> = async ({ config, environment, screen }) => {
  const { urls, draft } = config.websites;
  const { confirm, raiseForStatus } = config;
  const names = createNameResolver();
  const matcher = createMatcher({ runMsMax: config.regexTimeoutMs });
  const ports = {
    fetch: createFetch({
      resolve: names.resolve,
      privateTargets: config.privateTargets,
      secrets: createSecrets({ environment, folder: config.secretsFolder }),
      bodyBytesMax: config.bodyBytesMax,
      keepAlive: config.keepAlive,
    }),
    match: matcher.match,
  };
  const targets = urls.map(url => targetOf(url, draft, config.maxTimeoutMs));
  if (targets[0]) await warmUp(targets[0]);
  const exitCodes: number[] = [];
  for (const target of targets) {
    const seen = await firstValueFrom(checkTarget(ports, { confirm, raiseForStatus })(target));
    await screen.print(
      config.json ? `${JSON.stringify(checkJson(seen))}\n` : checkReport(seen, screen.isColoured),
    );
    exitCodes.push(exitCodeOf(seen));
  }
  names.close();
  await matcher.close();
  return exitCodes.find(code => code === EXIT_CODES.down) ?? Math.max(...exitCodes);
};

const exitCodeOf = ({ verdict }: Check): number => EXIT_CODES[verdict.outcome];
