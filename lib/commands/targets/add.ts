import { redactUrl } from '../../domain/redact.ts';
import { refusedWebsites } from '../../net/guard/refused-websites.ts';
import { addTargets } from '../../postgres/targets/add-targets.ts';
import { withDatabaseMade } from '../with-database.ts';
import type { Run } from '../work.ts';

/** Adds the targets on the command line, as the service does at startup. */
export const addTargetsNamed: Run<'targets add'> = work =>
  withDatabaseMade(work, async database => {
    const { config, screen } = work;
    const { key } = config.websites.draft;
    for (const { url, change, keyed } of await addTargets(database, config.websites)) {
      await screen.print(`${change.padEnd(7)}  ${redactUrl(url)}${key === null ? '' : ` [${key}]`}\n`);
      if (keyed !== null)
        screen.tell(`note: [${keyed}] has this URL too: to change that target, add --key ${keyed}`);
    }
    for (const { url, reason } of refusedWebsites(config.websites.urls, config.privateTargets))
      screen.tell(`note: ${redactUrl(url)} will not be checked: ${reason}`);
    return 0;
  });
