import { styleText } from 'node:util';
import { localAddresses } from '../http/resolve-name.ts';
import type { Database } from '../postgres/database.ts';
import { listTargets } from '../postgres/read-targets.ts';
import {
  checkClock,
  checkConnections,
  checkListen,
  checkSchedule,
  checkSchema,
  checkServer,
} from './doctor/database.ts';
import type { Examination, Finding } from './doctor/finding.ts';
import { checkDescriptors, checkResolver, checkRuntime } from './doctor/machine.ts';
import { explainTrouble } from './explain-trouble.ts';
import type { Run } from './run-command.ts';
import { NoDatabaseError, withDatabase } from './with-database.ts';

const OF_MACHINE = [checkRuntime, checkDescriptors];
const OF_DATABASE = [checkServer, checkConnections, checkSchema, checkListen, checkClock, checkSchedule];

/** Looks at all that the service needs, tells of each as it is found, and of what to do. */
export const doctor: Run = async work => {
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
      for (const examine of OF_DATABASE) await tell(await attempt(examine, { ...work, database, dsn }));
      host = await hostOfTarget(database).catch(() => null);
    });
  } catch (error) {
    await tell(withoutDatabase(error));
  }
  await tell(await checkResolver(host));
  return found.some(({ level }) => level === 'fail') ? 1 : 0;
};

/** Of the first targets, one whose name must be looked up. */
async function hostOfTarget(database: Database): Promise<string | null> {
  const first = await listTargets(database, null).next();
  const hosts = (first.done ? [] : first.value).map(({ url }) => URL.parse(url)?.hostname ?? '');
  return hosts.find(host => host !== '' && localAddresses(host) === null) ?? null;
}

/** One that cannot be made is a finding, too; the others go on. */
async function attempt(examine: (of: Examination) => Promise<Finding>, of: Examination): Promise<Finding> {
  try {
    return await examine(of);
  } catch (error) {
    return {
      name: examine.name.replace('check', '').toLowerCase(),
      level: 'fail',
      says: explainTrouble(error),
    };
  }
}

const withoutDatabase = (error: unknown): Finding => ({
  name: 'database',
  level: 'fail',
  says: explainTrouble(error),
  ...(error instanceof NoDatabaseError ? {} : { remedy: 'start PostgreSQL, or correct --dsn' }),
});

const MARKS = { ok: ['✓', 'green'], warn: ['!', 'yellow'], fail: ['✗', 'red'] } as const;

function text({ name, level, says, remedy }: Finding, isColoured: boolean): string {
  const [mark, colour] = MARKS[level];
  const head = `${mark} ${level.padEnd(4)}  ${name.padEnd(11)}  ${says}\n`;
  const shown = isColoured ? styleText(colour, head, { validateStream: false }) : head;
  return remedy === undefined ? shown : `${shown}${' '.repeat(21)}→ ${remedy}\n`;
}
