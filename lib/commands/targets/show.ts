import { cleanDetail } from '../../domain/clean-text.ts';
import { type ShownCheck, type ShownIncident, showTarget } from '../../postgres/targets/show-target.ts';
import { targetText } from '../target-text.ts';
import { agoText, table, timeText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { targetJson, whyNotUp } from './list.ts';
import { notFound } from './not-found.ts';

const ROWS_MAX = 10;

/** Prints all about one target: state, settings, incidents and last checks. */
export const show: Run<'targets show'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const [name] = config.targets;
    const shown = name ? await showTarget(database, name, ROWS_MAX) : null;
    if (name && shown === null) screen.tell(notFound(0, name));
    if (shown === null) {
      return 1;
    }
    const { target, found, checks, incidents } = shown;
    if (found > 1)
      screen.tell(`note: ${found} targets have this URL, its query aside; name one by its id to see another`);
    if (config.json) {
      await screen.print(`${JSON.stringify({ ...targetJson(target), checks, incidents })}\n`);
      return 0;
    }
    const why = whyNotUp(target);
    const head = `${target.id}  ${targetText(target)}\n${target.state} for ${agoText(target.for_s)}`;
    await screen.print(`${head}${why === null ? '' : `: ${why}`}\n`);
    await screen.print(`\nsettings\n${settings(target.row)}`);
    if (incidents.length > 0) await screen.print(`\nincidents\n${incidentTable(incidents)}`);
    if (checks.length > 0) await screen.print(`\nlast checks\n${checkTable(checks)}`);
    return 0;
  });

/** Every column that is set; those without a value have their default. */
const settings = (row: Readonly<Record<string, unknown>>): string =>
  Object.entries(row)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `  ${name.padEnd(24)}  ${cleanDetail(text)}\n`;
    })
    .join('');

const incidentTable = (incidents: readonly ShownIncident[]): string =>
  table(
    ['from', 'until', 'cause', 'detail'],
    incidents.map(({ startedAt, endedAt, cause, detail }) => [
      timeText(startedAt),
      endedAt === null ? 'now' : timeText(endedAt),
      cause,
      cleanDetail(detail),
    ]),
  );

const checkTable = (checks: readonly ShownCheck[]): string =>
  table(
    ['started', 'outcome', 'status', 'latency', 'cause', 'detail'],
    checks.map(({ startedAt, outcome, httpStatus, totalUs, cause, detail }) => [
      timeText(startedAt),
      outcome,
      String(httpStatus ?? '-'),
      `${Math.round(totalUs / 1_000)} ms`,
      cause ?? '',
      cleanDetail(detail ?? ''),
    ]),
  );
