import { type Random, type Range, randomInteger, randomLetters, seededRandom } from './random.ts';
import { sqlLiteral } from './sql-literal.ts';

export interface TargetsSettings {
  readonly count: number;
  /** Without a slash at its end */
  readonly baseUrl: string;
  readonly intervalSeconds: Range;
  /** The same seed gives the same script. */
  readonly seed: number;
}

const ROWS_PER_STATEMENT = 500;

/**
 * Yields SQL that inserts targets, in the form of the original's insert files. One transaction, so all or
 * nothing, and one notification.
 */
export function* targetsScript(settings: TargetsSettings): Generator<string> {
  const { count, baseUrl, seed } = settings;
  const random = seededRandom(seed);
  yield `-- ${count} targets under ${baseUrl}, from seed ${seed}. To load them: psql DSN -f FILE\n`;
  yield 'BEGIN;\nSET LOCAL search_path = website_monitor, public;\n';
  for (let first = 1; first <= count; first += ROWS_PER_STATEMENT) {
    const length = Math.min(ROWS_PER_STATEMENT, count - first + 1);
    const rows = Array.from({ length }, (_, index) => targetRow(first + index, settings, random));
    yield `\nINSERT INTO monitored_targets (url, method, check_interval, default_headers, regex_pattern) VALUES\n`;
    yield `${rows.join(',\n')};\n`;
  }
  yield '\nCOMMIT;\n';
}

/** Every tenth target has a pattern, and every twentieth a header. */
const targetRow = (number: number, { baseUrl, intervalSeconds }: TargetsSettings, random: Random): string => {
  const values = [
    `${baseUrl}/target/${number}`,
    'GET',
    `${randomInteger(random, intervalSeconds)} seconds`,
    JSON.stringify(number % 20 === 0 ? { Accept: 'text/plain' } : {}),
    number % 10 === 0 ? randomLetters(random, 3) : null,
  ];
  return `  (${values.map(sqlLiteral).join(', ')})`;
};
