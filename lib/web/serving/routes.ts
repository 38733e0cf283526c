import type { Health } from '../health.ts';
import type { Page } from '../page.ts';
import type { Handover } from './handover.ts';
import type { Route } from './server.ts';

/** What a worker serves. `/livez` and `/readyz` answer 200 or 503 with a reason. */
export const workerRoutes = (
  { metrics, live, ready }: Pick<Handover, 'metrics' | 'live' | 'ready'>,
  targets: Route | null,
): ReadonlyMap<string, Route> =>
  new Map<string, Route>([
    ['/metrics', metrics],
    ['/metrics/targets', targets ?? (() => SWITCHED_OFF)],
    ['/livez', () => healthPage(live())],
    ['/readyz', () => healthPage(ready())],
  ]);

const SWITCHED_OFF: Page = {
  status: 404,
  body: 'metrics of targets are switched off; see --max-scraped-targets\n',
};

const healthPage = ({ isWell, reason }: Health): Page => ({
  status: isWell ? 200 : 503,
  body: `${reason}\n`,
});
