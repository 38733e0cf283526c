import type { TargetName } from '../../config/rules.ts';
import { redactUrl } from '../../domain/redact.ts';
import type { Database } from '../../postgres/database.ts';
import {
  type Edited,
  removeTargets,
  type Selected,
  switchTargets,
} from '../../postgres/targets/edit-targets.ts';
import type { Run } from '../run-command.ts';
import { withDatabase } from '../with-database.ts';

type Edit = (database: Database, selected: Selected) => Promise<Edited[]>;

/** Edits the targets that the command line names; tells of each, and of names that are no target's. */
const edit =
  (doing: Edit, done: string): Run<'targets remove' | 'targets enable' | 'targets disable'> =>
  work =>
    withDatabase(work, async database => {
      const { config, screen } = work;
      const edited = await doing(database, { names: namesOf(config.targets), labels: {} });
      for (const { id, method, url, changed } of edited)
        await screen.print(
          `${(changed ? done : 'kept').padEnd(done.length)}  ${id}  ${method} ${redactUrl(url)}\n`,
        );
      const unknown = config.targets.flatMap((name, index) => (isOneOf(name, edited) ? [] : [index + 1]));
      for (const number of unknown)
        screen.tell(`website-monitor: target ${number}: there is none of that name`);
      return unknown.length === 0 ? 0 : 1;
    });

const namesOf = (targets: readonly TargetName[]): NonNullable<Selected['names']> => ({
  ids: targets.flatMap(name => ('id' in name ? [name.id] : [])),
  keys: [],
  urls: targets.flatMap(name => ('urls' in name ? name.urls : [])),
});

const isOneOf = (name: TargetName, edited: readonly Edited[]): boolean =>
  edited.some(({ id, url }) => ('id' in name ? name.id === id : name.urls.includes(url)));

export const remove = edit(removeTargets, 'removed');
export const enable = edit((database, names) => switchTargets(database, names, true), 'enabled');
export const disable = edit((database, names) => switchTargets(database, names, false), 'disabled');
