import { DIALECTS, type Dialect, type Engine } from '../../spec/support/pattern-dialects.ts';

/** The dialects of patterns as docs/PATTERNS.md shows them, in Markdown. */
export const patternsTable = (): string =>
  [
    row('construct', 'example', 'RE2 (used here)', 'JavaScript', 'Python', 'PostgreSQL'),
    row('---', '---', '---', '---', '---', '---'),
    ...DIALECTS.map(dialect =>
      row(
        dialect.construct,
        dialect.pattern === '' ? '' : `\`${dialect.pattern}\``,
        cell(dialect, 're2'),
        javascriptCell(dialect),
        cell(dialect, 'python'),
        cell(dialect, 'postgres'),
      ),
    ),
  ].join('\n');

const row = (...cells: readonly string[]): string =>
  `| ${cells.map(text => text.replaceAll('|', '\\|')).join(' | ')} |`;

const cell = ({ results, notes }: Dialect, engine: Engine): string =>
  notes[engine] ?? (results[engine].includes('refused') ? '✗' : '✓');

function javascriptCell(dialect: Dialect): string {
  const [plain, withU] = [cell(dialect, 'javascript'), cell(dialect, 'javascriptU')];
  return plain === withU ? plain : `${plain}; \`u\`: ${withU}`;
}
