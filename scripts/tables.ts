/** Generates the tables in the documents from the code, between their markers. Specs verify them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { WORKER_METRICS } from '../lib/metrics/catalogue.ts';
import { TARGET_METRICS } from '../lib/metrics/target-catalogue.ts';
import { causesTable } from './support/causes-table.ts';
import { targetColumnsTable, targetsViewTable } from './support/columns-table.ts';
import { metricsTable } from './support/metrics-table.ts';
import { patternsTable } from './support/patterns-table.ts';
import { roomsTable } from './support/rooms.ts';
import { commandFlagsTable, commandsTable, settingsTable } from './support/settings-table.ts';

const TABLES = [
  ['docs/SETTINGS.md', 'settings', settingsTable()],
  ['docs/CAUSES.md', 'causes', causesTable()],
  ['docs/METRICS.md', 'worker metrics', metricsTable(WORKER_METRICS)],
  ['docs/METRICS.md', 'target metrics', metricsTable(TARGET_METRICS)],
  ['docs/COMMANDS.md', 'commands', commandsTable()],
  ['docs/COMMANDS.md', 'command-flags', commandFlagsTable()],
  ['docs/SQL.md', 'columns of monitored_targets', targetColumnsTable()],
  ['docs/SQL.md', 'columns of targets', targetsViewTable()],
  ['docs/ARCHITECTURE.md', 'rooms', roomsTable()],
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
