import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../domain/check/cause.ts';
import { labels } from '../targets/target-rules.ts';
import { intervalAsMs, oneOf, printable, wholeNumber, yesOrNo } from '../targets/text-rules.ts';
import { listOf } from './rules.ts';
import { about, abouts, ofOneTarget as byFlagOnly, optional, setting } from './setting.ts';

const isSwitch = { ...byFlagOnly, isSwitch: true };

/** Taken by commands other than the service. Flags only: none of them makes sense in an environment. */
export const commandFields = {
  json: setting('--json', yesOrNo, 'false', 'print JSON, one object per line', isSwitch),
  urlPart: optional('--url', printable(2_048), '–', 'only URLs that contain this text', byFlagOnly),
  withLabels: labels.default({}).register(
    abouts,
    about('--label', '–', 'only targets with this label, as in team=web; repeatable, to require several', {
      ...byFlagOnly,
      isRepeatable: true,
    }),
  ),
  outcomes: optional(
    '--outcome',
    listOf('up', 'down', 'unknown'),
    '–',
    'only these outcomes, comma-separated: up, down, unknown',
    byFlagOnly,
  ),
  causes: optional(
    '--cause',
    listOf(...DOWN_CAUSES, ...UNKNOWN_CAUSES),
    '–',
    'only these causes, comma-separated, as in connect_timeout,tls_expired',
    byFlagOnly,
  ),
  lastMs: setting('--last', intervalAsMs, '1d', 'how far to look back: 30m, 1d, 7d', byFlagOnly),
  rowsMax: setting('--limit', wholeNumber(1, 1_000), '10', 'maximum number of rows per list', byFlagOnly),
  format: optional(
    '--format',
    oneOf('csv', 'json'),
    'by file name, else csv',
    '`csv`, or `json` (one object per line, or an array)',
    byFlagOnly,
  ),
  sqlFile: optional(
    '--file',
    printable(4_096),
    'standard input',
    'file with the SQL to run; - is standard input',
    { ...byFlagOnly, short: '-f' },
  ),
  dryRun: setting('--dry-run', yesOrNo, 'false', 'validate every target, change nothing', isSwitch),
  withSecrets: setting(
    '--with-secrets',
    yesOrNo,
    'false',
    'write headers, bodies and credentials in plain text',
    isSwitch,
  ),
};
