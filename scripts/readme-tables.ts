/** Prints the README's tables, made from the code: paste them between their markers. A spec compares. */
import { settingsTable } from '../lib/config/tables.ts';
import { createCatalogue } from '../lib/metrics/catalogue.ts';
import { metricsTable } from '../lib/metrics/table.ts';

const between = (name: string, table: string): string => `<!-- ${name} -->\n${table}\n<!-- /${name} -->\n`;

console.log(between('settings', settingsTable()));
console.log(between('metrics', await metricsTable(createCatalogue())));
