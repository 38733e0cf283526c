import type { Column, Field } from '../../lib/targets/field.ts';
import { FIELDS } from '../../lib/targets/fields.ts';

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const head = [row('column', 'type', 'null means', 'meaning'), row('---', '---', '---', '---')];

const columns: readonly (readonly [string, Column])[] = (
  Object.values(FIELDS) as readonly Field<never>[]
).flatMap(field => Object.entries(field.columns));

const columnRow = ([name, { type, whenNull, meaning, default: whenUnset }]: readonly [
  string,
  Column,
]): string => {
  const ending = whenUnset === null || typeof whenUnset === 'object' ? '' : `; default ${whenUnset}`;
  return row(`\`${name}\``, type, whenNull ?? '–', `${meaning}${ending}`);
};

/** The columns of `monitored_targets` as docs/SQL.md shows them, in Markdown. */
export const targetColumnsTable = (): string => [...head, ...columns.map(columnRow)].join('\n');

/** The columns of the view `targets` that `monitored_targets` does not have. */
const OF_VIEW = [
  row('`next_fire_at`', 'timestamptz', 'the target is paused', 'the next slot that is not leased yet'),
  row('`down_since`', 'timestamptz', 'the target is not down', 'the slot of the first check that was down'),
  row('`down_cause`', 'check_cause', 'the target is not down', 'the cause of that check'),
  row(
    '`certificate_expires_at`',
    'timestamptz',
    'no certificate was seen',
    'when the chain that the target presented last expires',
  ),
];

/** The columns of the view `targets`, in Markdown: those that are not secret, and those of `OF_VIEW`. */
export function targetsViewTable(): string {
  const shown = columns
    .filter(([name, { isSecret }]) => !isSecret && name !== 'regex_breaches')
    .map(([name, column]) =>
      columnRow([name, name === 'url' ? { ...column, meaning: 'without its query and fragment' } : column]),
    );
  return [...head, ...shown, ...OF_VIEW].join('\n');
}
