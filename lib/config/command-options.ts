import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../domain/check/cause.ts';
import * as rules from './rules.ts';
import { ofOneTarget as byFlagOnly, optional, setting } from './setting.ts';

const isSwitch = { ...byFlagOnly, isSwitch: true };

/** What only some commands take; commands.ts says which. By flag only: none of it makes sense in an environment. */
export const commandFields = {
  json: setting('--json', rules.yesOrNo, 'false', 'print JSON, one object a line', isSwitch),
  urlPart: optional('--url', rules.printable(2_048), '–', 'only URLs that contain this text', byFlagOnly),
  outcomes: optional(
    '--outcome',
    rules.listOf('up', 'down', 'unknown'),
    '–',
    'only these, with commas between: up, down, unknown',
    byFlagOnly,
  ),
  causes: optional(
    '--cause',
    rules.listOf(...DOWN_CAUSES, ...UNKNOWN_CAUSES),
    '–',
    'only these causes, with commas between, as in connect_timeout,tls_expired',
    byFlagOnly,
  ),
  lastMs: setting('--last', rules.intervalAsMs, '1d', 'how far to look back: 30m, 1d, 7d', byFlagOnly),
  rowsMax: setting('--limit', rules.wholeNumber(1, 1_000), '10', 'rows of each list at most', byFlagOnly),
  format: optional(
    '--format',
    rules.oneOf('csv', 'json'),
    'as the file’s name ends, else csv',
    '`csv`, `json` (an object a line, or an array)',
    byFlagOnly,
  ),
  dryRun: setting('--dry-run', rules.yesOrNo, 'false', 'judge every target, and change nothing', isSwitch),
  withSecrets: setting(
    '--with-secrets',
    rules.yesOrNo,
    'false',
    'write headers, bodies and credentials in clear, too',
    isSwitch,
  ),
};
