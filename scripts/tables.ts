/** Writes the documents' tables, made from the code, between their markers. Specs compare. */
import { readFileSync, writeFileSync } from 'node:fs';
import { settingsTable } from '../lib/config/tables.ts';
import { createCatalogue } from '../lib/metrics/catalogue.ts';
import { metricsTable } from '../lib/metrics/table.ts';
import { causesTable } from './support/causes-table.ts';
import { patternsTable } from './support/patterns-table.ts';

const TABLES = [
  ['README.md', 'settings', settingsTable()],
  ['README.md', 'metrics', await metricsTable(createCatalogue())],
  ['docs/CAUSES.md', 'causes', causesTable()],
  ['docs/PATTERNS.md', 'patterns', patternsTable()],
] as const;

for (const [file, name, table] of TABLES) {
  const text = readFileSync(file, 'utf8');
  const between = new RegExp(`(<!-- ${name} -->\n).*?(\n<!-- /${name} -->)`, 's');
  writeFileSync(
    file,
    text.replace(between, (_all, start: string, end: string) => start + table + end),
  );
}
