// What each statement touches, from a thousand targets to a million: it must not grow with them.
import { z } from 'zod';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { fillTables, statementsAtWork } from '../spec/support/statements-at-work.ts';
import { connect, dsnFlag, openBenchServer } from './support/bench-server.ts';
import { machineLine, rounded } from './support/figures.ts';
import { migratedDatabase } from './support/migrated.ts';

const settings = settingsOrExit('Pages that each statement touches a slot (or a call).', {
  ...dsnFlag,
  counts: {
    rule: z
      .string()
      .regex(/^\d+(,\d+)*$/, 'must be whole numbers with commas between')
      .transform(text => text.split(',').map(Number)),
    fallback: '1000,200000,1000000',
    meaning: 'targets in the table, from 1000 on',
  },
});

const MODES = { generic: 'force_generic_plan', custom: 'force_custom_plan' } as const;

const server = await openBenchServer(settings.dsn);
for (const [index, count] of settings.counts.entries()) {
  const dsn = await migratedDatabase(server);
  const psql = await connect(dsn);
  if (index === 0) console.log(machineLine((await psql.query('SHOW server_version')).rows[0].server_version));
  await psql.query('SET search_path = website_monitor');
  await fillTables(psql, count);

  const table = new Map<string, Record<string, string | number>>();
  for (const statistics of ['stale', 'fresh']) {
    if (statistics === 'fresh') await psql.query('ANALYZE');
    for (const [plans, mode] of Object.entries(MODES)) {
      for (const { name, buffersEach, tablesScanned } of await statementsAtWork(dsn, psql, mode)) {
        const scanned = tablesScanned.length > 0 ? `, scans ${tablesScanned.join(' ')}` : '';
        const cells = table.get(name) ?? {};
        table.set(name, { ...cells, [`${plans}, ${statistics}`]: `${rounded(buffersEach, 1)}${scanned}` });
      }
    }
  }
  console.log(`\n${count} targets: pages touched a slot; a call of heartbeat and claim-expired-batch`);
  console.table(Object.fromEntries(table));
  await psql.end();
}
await server.close();
