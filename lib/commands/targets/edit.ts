import type { TargetName } from '../../config/rules.ts';
import { redactUrl } from '../../domain/redact.ts';
import type { Database } from '../../postgres/database.ts';
import {
  type Edited,
  removeTargets,
  type Selected,
  switchTargets,
} from '../../postgres/targets/edit-targets.ts';
import { websiteUrl } from '../../targets/target-rules.ts';
import { withDatabase } from '../with-database.ts';
import type { Run } from '../work.ts';
import { notFound } from './not-found.ts';

type Edit = (database: Database, selected: Selected) => Promise<Edited[]>;

/** Edits the selected targets, and prints each target edited and each name not found. */
const edit =
  (doing: Edit, done: string): Run<'targets remove' | 'targets enable' | 'targets disable'> =>
  work =>
    withDatabase(work, async database => {
      const { targets, withLabels: labels } = work.config;
      const edited = await doing(database, { names: namesOf(targets), labels });
      for (const target of edited) await work.screen.print(`${line(target, done)}\n`);
      const unknown = [...targets.entries()].filter(([, name]) => !isOneOf(name, edited));
      for (const [index, name] of unknown) work.screen.tell(notFound(index, name));
      return unknown.length === 0 ? 0 : 1;
    });

function line({ id, key, name, method, url, changed }: Edited, done: string): string {
  const title = `${name ?? `${method} ${redactUrl(url)}`}${key === null ? '' : ` [${key}]`}`;
  return `${(changed ? done : 'kept').padEnd(done.length)}  ${id}  ${title}`;
}

const namesOf = (targets: readonly TargetName[]): Selected['names'] =>
  targets.length === 0
    ? null
    : {
        ids: targets.flatMap(name => ('id' in name ? [name.id] : [])),
        keys: targets.flatMap(name => ('key' in name ? [name.key] : [])),
        urls: targets.flatMap(name => ('url' in name ? [name.url] : [])),
      };

const isOneOf = (name: TargetName, edited: readonly Edited[]): boolean =>
  edited.some(({ id, key, url }) => {
    if ('id' in name) return name.id === id;
    return 'key' in name ? name.key === key : name.url === websiteUrl.safeParse(url).data;
  });

export const remove = edit(removeTargets, 'removed');
export const enable = edit((database, selected) => switchTargets(database, selected, true), 'enabled');
export const disable = edit((database, selected) => switchTargets(database, selected, false), 'disabled');
