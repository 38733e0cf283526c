// Pages that each statement reads, with a thousand to a million targets: the number must not grow.
import { settingsOrExit } from '../../scripts/support/flags.ts';
import { fillTables, statementsAtWork } from '../../spec/support/statements-at-work.ts';
import { connect, dsnFlag, onBenchServer } from '../support/bench-server.ts';
import { rounded } from '../support/figures.ts';
import { wholeNumbers } from '../support/targets.ts';

const settings = settingsOrExit('Pages that each statement touches per slot or per call.', {
  ...dsnFlag,
  counts: {
    rule: wholeNumbers,
    fallback: '1000,200000,1000000',
    meaning: 'numbers of targets in the table, each at least 1000',
  },
});

const PLAN_MODES = { generic: 'force_generic_plan', custom: 'force_custom_plan' } as const;

await onBenchServer(settings.dsn, async server => {
  for (const count of settings.counts) {
    console.log(
      `\n${count} targets: pages touched per slot, or per call for heartbeat and claim-expired-batch`,
    );
    console.table(await measure(await server.createDatabase(), count));
  }
});

/** Stale statistics: those of a table with ten rows. */
async function measure(dsn: string, count: number): Promise<Record<string, Record<string, string>>> {
  const psql = await connect(dsn);
  await psql.query('SET search_path = website_monitor');
  await fillTables(psql, count);

  const table: Record<string, Record<string, string>> = {};
  for (const statistics of ['stale', 'fresh']) {
    if (statistics === 'fresh') await psql.query('ANALYZE');
    for (const [plans, mode] of Object.entries(PLAN_MODES)) {
      for (const { name, buffersEach, tablesScanned } of await statementsAtWork(dsn, psql, mode)) {
        const scans = tablesScanned.map(scanned => `, scans ${scanned}`).join('');
        table[name] = { ...table[name], [`${plans}, ${statistics}`]: `${rounded(buffersEach, 1)}${scans}` };
      }
    }
  }
  await psql.end();
  return table;
}
