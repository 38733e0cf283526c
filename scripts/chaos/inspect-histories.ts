import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Breach } from '../history/breach.ts';
import { findBreaches } from '../history/find-breaches.ts';
import { readHistory } from '../history/read-history.ts';
import type { LoggedRequest } from '../history/tables.ts';
import { readTables } from '../support/read-tables.ts';
import { type Scene, sqlText } from './scene.ts';
import type { Request } from './website.ts';

/**
 * Compares every worker's history file with the tables and the website's log: a second opinion to the audit.
 * Call it when no worker runs any more.
 *
 * @param folder contains only the history files
 * @returns one line per kind of breach
 */
export async function inspectHistories(
  folder: string,
  { query }: Pick<Scene, 'query'>,
  requests: readonly Request[],
): Promise<string[]> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')));
  const urls = await query<{ url: string; targetId: string }>(sqlText('urls'));
  const targetIds = new Map(urls.map(({ url, targetId }) => [url, targetId]));
  const logged = requests.flatMap(({ url, atMs, answer }): LoggedRequest[] => {
    const targetId = targetIds.get(url);
    return targetId === undefined ? [] : [{ targetId, atMs, answer }];
  });
  return breachLines(findBreaches(texts.flatMap(readHistory), await readTables({ query }), logged));
}

/** One line per problem, with its count and an example. */
export const breachLines = (breaches: readonly Breach[]): string[] =>
  [...Map.groupBy(breaches, ({ invariant, problem }) => `invariant ${invariant}, ${problem}`)].map(
    ([what, [example, ...others]]) =>
      `${others.length + 1} × ${what}, as for target ${example?.targetId} at ${example?.scheduledAt}: ${example?.detail}`,
  );
