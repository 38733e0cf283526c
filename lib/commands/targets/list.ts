import { styleText } from 'node:util';
import { type ListedTarget, listTargets } from '../../postgres/targets/read-targets.ts';
import { targetText, whyUnknown } from '../target-text.ts';
import { agoText, durationText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';

/** Prints the targets as a table. The URL comes late because it may be long. */
export const list: Run<'targets list'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    let count = 0;
    for await (const page of listTargets(database, { urlPart: config.urlPart, labels: config.withLabels })) {
      if (count === 0 && !config.json) await screen.print(`${HEAD}\n`);
      count += page.length;
      const lines = page.map(target =>
        config.json ? JSON.stringify(targetJson(target)) : line(target, screen.isColoured),
      );
      await screen.print(`${lines.join('\n')}\n`);
    }
    if (count === 0) screen.tell('no targets: add one with website-monitor targets add URL');
    return 0;
  });

/** A target with its state for programs: names and ids as in the JSON of every command. */
export const targetJson = (target: ListedTarget) => ({
  id: target.id,
  state: target.state,
  since: target.since,
  lastCheckAt: target.last_check_at,
  httpStatus: target.http_status,
  totalUs: target.total_us,
  cause: target.cause,
  ...Object.fromEntries(Object.entries(target.row).map(([name, value]) => [camelCase(name), value])),
});

const camelCase = (name: string): string => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

type Cells = readonly [
  id: string,
  state: string,
  since: string,
  status: string,
  latency: string,
  every: string,
];

const columns = ([id, state, since, status, latency, every]: Cells, target: string): string =>
  [
    id.padStart(4),
    state.padEnd(8),
    since.padStart(9),
    status.padEnd(6),
    latency.padStart(8),
    every.padStart(5),
  ]
    .concat(target)
    .join('  ');

const HEAD = columns(['id', 'state', 'for', 'status', 'latency', 'every'], 'target');

const COLOURS = { up: null, disabled: null, down: 'red', unknown: 'yellow' } as const;

function line(target: ListedTarget, isColoured: boolean): string {
  const { id, state, for_s: forS, http_status: status, total_us: totalUs, every_s: everyS } = target;
  const why = whyNotUp(target);
  const latency = totalUs === null ? '-' : `${Math.round(totalUs / 1_000)} ms`;
  const text = columns(
    [id, state, agoText(forS), String(status ?? '-'), latency, durationText(everyS)],
    `${targetText(target)}${why === null ? '' : `  ${why}`}`,
  );
  const colour = COLOURS[state];
  return isColoured && colour !== null ? styleText(colour, text, { validateStream: false }) : text;
}

/** Why a target is not up, in a few words; null if it is up or disabled. */
export function whyNotUp({ state, cause, is_overdue: isOverdue }: ListedTarget): string | null {
  if (state === 'unknown') return whyUnknown(cause, isOverdue);
  return state === 'down' ? cause : null;
}
