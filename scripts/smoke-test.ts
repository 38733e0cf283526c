/**
 * Tests a deployment from outside: adds a target, waits until a worker has checked and recorded it, reads health
 * and metrics, and removes the target.
 *
 *   npm run smoke-test -- --dsn postgres://… --metrics-url http://worker:9400
 *
 * The login must be able to edit targets and read results, like the schema's owner. The recorded check stays in
 * `check_results`.
 */
import { z } from 'zod';
import { postgresUrl } from '../lib/config/rules.ts';
import { describeError } from '../lib/postgres/error-codes.ts';
import { websiteUrl } from '../lib/targets/target-rules.ts';
import { secondsAsMs } from '../lib/targets/text-rules.ts';
import { runSmokeTest } from './smoke-test/run-smoke-test.ts';
import { settingsOrExit } from './support/flags.ts';

const PURPOSE = 'Tests a deployment: adds a target, waits until it is checked and recorded, and removes it.';
const FROM_ENVIRONMENT = 'WEBSITE_MONITOR_DSN';

const settings = settingsOrExit(PURPOSE, {
  dsn: {
    rule: z
      .string()
      .transform(text => (text === FROM_ENVIRONMENT ? (process.env[FROM_ENVIRONMENT] ?? '') : text))
      .pipe(postgresUrl),
    fallback: FROM_ENVIRONMENT,
    meaning: 'database of the deployment; the login must be able to edit targets and read results',
  },
  'metrics-url': {
    rule: z.union([z.literal('none'), websiteUrl]),
    fallback: 'none',
    meaning: 'also tests health and metrics of this worker, as in http://worker:9400',
  },
  url: {
    rule: websiteUrl,
    fallback: 'https://example.org/',
    meaning: 'a website that the workers can reach',
  },
  'timeout-s': { rule: secondsAsMs(1, 600), fallback: '60', meaning: 'limit for each step, in seconds' },
});

try {
  await runSmokeTest({
    dsn: settings.dsn,
    metricsUrl: settings['metrics-url'] === 'none' ? null : settings['metrics-url'],
    url: settings.url,
    stepMsMax: settings['timeout-s'],
    tell: line => console.log(`✓ ${line}`),
  });
} catch (error) {
  console.error(`✗ ${describeError(error)}`);
  process.exitCode = 1;
}
