import { styleText } from 'node:util';
import { readStatus, type Status } from '../postgres/reports/read-status.ts';
import { targetText, whyUnknown } from './target-text.ts';
import { agoText, countText, durationText, table } from './text-tables.ts';
import { withDatabase } from './with-database.ts';
import type { Run } from './work.ts';

/** Prints the state of all targets, now and over a period. */
export const status: Run<'status'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const { lastMs } = config;
    const last = durationText(lastMs / 1_000);
    screen.progress(`reading the checks of the last ${last} …`);
    const read = await readStatus(database, config);
    await screen.print(config.json ? `${JSON.stringify(read)}\n` : report(read, last, screen.isColoured));
    const isEmpty = Object.values(read.targets).every(count => count === 0);
    if (isEmpty)
      screen.tell(`no targets${labelled(config.withLabels)}: add one with website-monitor targets add URL`);
    return 0;
  });

function report(read: Status, last: string, isColoured: boolean): string {
  const { targets, down, unknown, slow, slowest, clockBehindS } = read;
  const title = (text: string, count: number, shown: number): string =>
    `\n${bold(text, isColoured)}${count > shown ? ` (${countText(shown)} of ${countText(count)})` : ''}\n`;
  return [
    `${bold('now'.padEnd(9), isColoured)}  ${counts(targets)}\n`,
    ...(clockBehindS === null
      ? []
      : [
          `${' '.repeat(11)}not checked: the database's clock was set back by ${agoText(clockBehindS)}; start a worker\n`,
        ]),
    `${bold(`last ${last}`.padEnd(9), isColoured)}  ${coverage(read.slots)}\n`,
    ...(down.length > 0 ? [title('down', targets.down, down.length), downTable(down)] : []),
    ...(unknown.length > 0 ? [title('unknown', targets.unknown, unknown.length), unknownTable(unknown)] : []),
    ...(slow.length > 0 ? [title('slow', targets.slow, slow.length), slowTable(slow)] : []),
    ...(slowest.length > 0 ? [title(`slowest when up, ${last}`, 0, 0), slowestTable(slowest)] : []),
  ].join('');
}

const labelled = (labels: Readonly<Record<string, string>>): string =>
  Object.keys(labels).length > 0 ? ' with these labels' : '';

const bold = (text: string, isColoured: boolean): string =>
  isColoured ? styleText('bold', text, { validateStream: false }) : text;

const counts = ({ up, slow, down, unknown, disabled }: Status['targets']): string =>
  `${countText(up)} up${slow > 0 ? ` (${countText(slow)} slow)` : ''}, ${countText(down)} down, ${countText(unknown)} unknown, ${countText(disabled)} disabled`;

/** Formats shares of all slots that were due, including missed ones. */
function coverage({ up, down, unknown, missed }: Status['slots']): string {
  const due = up + down + unknown + missed;
  if (due === 0) return 'no slots were due';
  const share = (count: number): string => `${percent(count, due)} %`;
  return `${share(up)} up, ${share(down)} down, ${share(unknown + missed)} unknown; coverage ${share(up + down)} of ${countText(due)} slots (${countText(missed)} missed)`;
}

/** Never rounds to 0 or 100: one failure among a million still shows. */
function percent(count: number, all: number): string {
  if (count === 0 || count === all) return count === 0 ? '0' : '100';
  return Math.min(99.99, Math.max(0.01, (100 * count) / all)).toFixed(2);
}

const downTable = (rows: Status['down']): string =>
  table(
    ['id', 'for', 'cause', 'url'],
    rows.map(row => [row.id, agoText(row.forS), row.cause, targetText(row)]),
  );

const unknownTable = (rows: Status['unknown']): string =>
  table(
    ['id', 'for', 'why', 'url'],
    rows.map(row => [row.id, agoText(row.forS), whyUnknown(row.cause, row.isOverdue), targetText(row)]),
  );

const slowTable = (rows: Status['slow']): string =>
  table(
    ['id', 'for', 'why', 'url'],
    rows.map(row => [row.id, agoText(row.forS), row.detail, targetText(row)]),
  );

const slowestTable = (rows: Status['slowest']): string =>
  table(
    ['id', 'mean', 'longest', 'url'],
    rows.map(row => [row.id, `${Math.round(row.meanMs)} ms`, `${Math.round(row.maxMs)} ms`, targetText(row)]),
  );
