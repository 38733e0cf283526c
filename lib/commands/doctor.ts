import { styleText } from 'node:util';
import { localAddresses } from '../net/names/resolve-name.ts';
import type { Database } from '../postgres/database.ts';
import { listTargets } from '../postgres/targets/read-targets.ts';
import { checkAlerts, testChannels } from './doctor/alerts.ts';
import {
  checkClock,
  checkConnections,
  checkListen,
  checkSchedule,
  checkSchema,
  checkServer,
} from './doctor/database.ts';
import type { Finding } from './doctor/finding.ts';
import { checkDescriptors, checkResolver, checkRuntime } from './doctor/machine.ts';
import { remedyOf, troubleOf } from './explain-trouble.ts';
import { withDatabase } from './with-database.ts';
import type { Run } from './work.ts';

const OF_MACHINE = [checkRuntime, checkDescriptors];
const OF_DATABASE = {
  connections: checkConnections,
  schema: checkSchema,
  listen: checkListen,
  clock: checkClock,
  schedule: checkSchedule,
  alerts: checkAlerts,
};

/** Checks everything that the service needs, and prints each result with a remedy as soon as it is known. */
export const doctor: Run<'doctor'> = async work => {
  const { config, screen } = work;
  const found: Finding[] = [];
  const tell = async (finding: Finding): Promise<void> => {
    found.push(finding);
    await screen.print(config.json ? `${JSON.stringify(finding)}\n` : text(finding, screen.isColoured));
  };
  for (const examine of OF_MACHINE) await tell(examine(work));
  let host: string | null = null;
  try {
    await withDatabase(work, async (database, dsn) => {
      const examination = { ...work, database, dsn };
      await tell(await checkServer(examination)); // if it fails, the others would fail too
      for (const [name, examine] of Object.entries(OF_DATABASE))
        await tell(await examine(examination).catch(error => finding(name, error)));
      if (config.testChannels) for await (const one of testChannels(examination)) await tell(one);
      host = await hostOfTarget(database).catch(() => null);
    });
  } catch (error) {
    await tell(finding('database', error));
  }
  await tell(await checkResolver(host));
  return found.some(({ level }) => level === 'fail') ? 1 : 0;
};

/** Finds a host among the first targets that needs a DNS lookup. */
async function hostOfTarget(database: Database): Promise<string | null> {
  const first = await listTargets(database, { urlPart: null, labels: {} }).next();
  const hosts = (first.done ? [] : first.value).map(({ url }) => URL.parse(url)?.hostname ?? '');
  return hosts.find(host => host !== '' && localAddresses(host) === null) ?? null;
}

/** An examination that fails is a finding too. */
function finding(name: string, error: unknown): Finding {
  const remedy = remedyOf(error);
  return { name, level: 'fail', says: troubleOf(error), ...(remedy !== undefined && { remedy }) };
}

const MARKS = { ok: ['✓', 'green'], warn: ['!', 'yellow'], fail: ['✗', 'red'] } as const;

function text({ name, level, says, remedy }: Finding, isColoured: boolean): string {
  const [mark, colour] = MARKS[level];
  const head = `${mark} ${level.padEnd(4)}  ${name.padEnd(11)}  ${says}\n`;
  const shown = isColoured ? styleText(colour, head, { validateStream: false }) : head;
  return remedy === undefined ? shown : `${shown}${' '.repeat(21)}→ ${remedy}\n`;
}
