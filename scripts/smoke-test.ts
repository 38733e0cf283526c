/**
 * Whether a deployment works, seen from outside: adds a target, waits until a worker has checked and
 * recorded it, asks for health and metrics, and takes the target away again.
 *
 *   npm run smoke-test -- --dsn postgres://… --metrics-url http://worker:9400
 *
 * The login must be able to edit targets and to read results, as the schema's owner is. What was
 * recorded stays in `check_results`.
 */
import { z } from 'zod';
import { postgresUrl } from '../lib/config/rules.ts';
import { describeError } from '../lib/postgres/error-codes.ts';
import { websiteUrl } from '../lib/targets/target-rules.ts';
import { secondsAsMs } from '../lib/targets/text-rules.ts';
import { runSmokeTest } from './smoke-test/run-smoke-test.ts';
import { settingsOrExit } from './support/flags.ts';

const PURPOSE = 'Whether a deployment works: adds a target, sees it checked and recorded, and takes it away.';
const FROM_ENVIRONMENT = 'WEBSITE_MONITOR_DSN';

const settings = settingsOrExit(PURPOSE, {
  dsn: {
    rule: z
      .string()
      .transform(text => (text === FROM_ENVIRONMENT ? (process.env[FROM_ENVIRONMENT] ?? '') : text))
      .pipe(postgresUrl),
    fallback: FROM_ENVIRONMENT,
    meaning: 'the database of the deployment; may edit targets and read results',
  },
  'metrics-url': {
    rule: z.union([z.literal('none'), websiteUrl]),
    fallback: 'none',
    meaning: 'of a worker, as in http://worker:9400: its health and metrics are looked at, too',
  },
  url: { rule: websiteUrl, fallback: 'https://example.org/', meaning: 'a website that workers reach' },
  'timeout-s': { rule: secondsAsMs(1, 600), fallback: '60', meaning: 'for each step' },
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
