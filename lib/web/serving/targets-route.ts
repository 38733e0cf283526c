import type { ServedTargets } from '../messages.ts';
import type { Route } from './server.ts';

/** Connections at once; as many as scrapes are answered at once */
const POOL_SIZE = 2;

/** Answers `/metrics/targets`. Loads PostgreSQL's client and connects when first asked. */
export function targetsRoute(options: ServedTargets): Route {
  let opened: Promise<Route> | undefined;
  return async query => {
    opened ??= open(options);
    return (await opened)(query);
  };
}

async function open({
  targetsMax,
  dsn,
  isPooled,
  applicationName,
  ...settings
}: ServedTargets): Promise<Route> {
  const [{ connectDatabase }, { describeError }, { targetStatesReader }, { targetPages }] = await Promise.all(
    [
      import('../../postgres/database.ts'),
      import('../../postgres/error-codes.ts'),
      import('../../postgres/reports/read-target-states.ts'),
      import('./target-pages.ts'),
    ],
  );
  const database = connectDatabase({ dsn, isPooled, applicationName, poolSize: POOL_SIZE });
  return targetPages({ read: targetStatesReader(database, settings), describeError, targetsMax });
}
