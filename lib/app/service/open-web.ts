import type { ServiceConfig } from '../../config/service-settings.ts';
import type { Database } from '../../postgres/database.ts';
import { describeError } from '../../postgres/error-codes.ts';
import { targetStatesReader } from '../../postgres/reports/read-target-states.ts';
import { type HttpServer, serveHttp } from '../../web/server.ts';
import { targetPages } from '../../web/target-pages.ts';
import type { Measuring } from './measure.ts';

/**
 * Serves metrics and health for as long as the scope lasts.
 *
 * @throws HttpAddressError
 */
export async function openWeb(
  scope: AsyncDisposableStack,
  { host, port }: NonNullable<ServiceConfig['http']>,
  { scrapedTargetsMax, maxTimeoutMs, confirm, leaseMarginMs }: ServiceConfig,
  database: Database,
  { registry, ready }: Measuring,
): Promise<HttpServer> {
  const targets = () =>
    targetPages({
      read: targetStatesReader(database, {
        timeoutMs: maxTimeoutMs,
        attemptsMax: 1 + confirm,
        leaseMarginMs,
      }),
      describeError,
      targetsMax: scrapedTargetsMax,
    });
  const server = await serveHttp({
    host,
    port,
    registry,
    ready,
    live: () => ({ isWell: true, reason: 'alive' }),
    targets: scrapedTargetsMax === 0 ? null : targets(),
  });
  scope.defer(server.close);
  return server;
}
