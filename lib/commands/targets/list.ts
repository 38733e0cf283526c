import { styleText } from 'node:util';
import { type ListedTarget, listTargets } from '../../postgres/targets/read-targets.ts';
import { targetText } from '../target-text.ts';
import { durationText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';

/** Prints the targets as a table. The URL comes last because it may be long. */
export const list: Run<'targets list'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    let count = 0;
    for await (const page of listTargets(database, { urlPart: config.urlPart, labels: config.withLabels })) {
      if (count === 0 && !config.json) await screen.print(`${HEAD}\n`);
      count += page.length;
      const lines = page.map(target => (config.json ? target.row : line(target, screen.isColoured)));
      await screen.print(`${lines.join('\n')}\n`);
    }
    if (count === 0) screen.tell('no targets: add one with website-monitor targets add URL');
    return 0;
  });

const columns = (id: string, state: string, every: string, method: string, url: string): string =>
  `${id.padStart(8)}  ${state.padEnd(8)}  ${every.padStart(6)}  ${method.padEnd(7)}  ${url}`;

const HEAD = columns('id', 'state', 'every', 'method', 'url');

function line(target: ListedTarget, isColoured: boolean): string {
  const { id, enabled, down, every_s: everyS, method } = target;
  const state = enabled ? (down ? 'down' : 'enabled') : 'disabled';
  const text = columns(id, state, durationText(everyS), method, targetText({ ...target, method: 'GET' }));
  return isColoured && state === 'down' ? styleText('red', text, { validateStream: false }) : text;
}
