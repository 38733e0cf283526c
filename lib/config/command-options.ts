import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../domain/check/cause.ts';
import { intervalAsMs, oneOf, printable, wholeNumber, yesOrNo } from '../targets/text-rules.ts';
import { listOf } from './rules.ts';
import { ofOneTarget as byFlagOnly, optional, setting } from './setting.ts';

const isSwitch = { ...byFlagOnly, isSwitch: true };

/** What only some commands take; commands.ts says which. By flag only: none of it makes sense in an environment. */
export const commandFields = {
  json: setting('--json', yesOrNo, 'false', 'print JSON, one object a line', isSwitch),
  urlPart: optional('--url', printable(2_048), '–', 'only URLs that contain this text', byFlagOnly),
  outcomes: optional(
    '--outcome',
    listOf('up', 'down', 'unknown'),
    '–',
    'only these, with commas between: up, down, unknown',
    byFlagOnly,
  ),
  causes: optional(
    '--cause',
    listOf(...DOWN_CAUSES, ...UNKNOWN_CAUSES),
    '–',
    'only these causes, with commas between, as in connect_timeout,tls_expired',
    byFlagOnly,
  ),
  lastMs: setting('--last', intervalAsMs, '1d', 'how far to look back: 30m, 1d, 7d', byFlagOnly),
  rowsMax: setting('--limit', wholeNumber(1, 1_000), '10', 'rows of each list at most', byFlagOnly),
  format: optional(
    '--format',
    oneOf('csv', 'json'),
    'as the file’s name ends, else csv',
    '`csv`, `json` (an object a line, or an array)',
    byFlagOnly,
  ),
  dryRun: setting('--dry-run', yesOrNo, 'false', 'judge every target, and change nothing', isSwitch),
  withSecrets: setting(
    '--with-secrets',
    yesOrNo,
    'false',
    'write headers, bodies and credentials in clear, too',
    isSwitch,
  ),
};
