import type { ServiceConfig } from '../../config/service-settings.ts';
import type { Log } from '../../log/create-log.ts';
import { type HttpServer, serveHttp } from '../../web/serve-http.ts';
import type { Measuring } from './measure.ts';

/**
 * Serves metrics and health for as long as the scope lasts.
 *
 * @param dsn of the database whose targets `/metrics/targets` shows
 * @throws HttpAddressError, or Error if the serving thread cannot start
 */
export async function openWeb(
  scope: AsyncDisposableStack,
  { host, port }: NonNullable<ServiceConfig['http']>,
  config: ServiceConfig,
  dsn: string,
  { registry, ready, onReadyChange }: Measuring,
  log: Log,
): Promise<HttpServer> {
  const server = await serveHttp({
    host,
    port,
    ready,
    onReadyChange,
    metrics: async () => ({ status: 200, body: await registry.metrics(), type: registry.contentType }),
    targets: config.scrapedTargetsMax === 0 ? null : servedTargets(config, dsn),
    onTrouble: (reason, attempt) => log.warn('the HTTP server ended; starting it again', { reason, attempt }),
  });
  scope.defer(server.close);
  return server;
}

const servedTargets = (config: ServiceConfig, dsn: string) => ({
  dsn,
  isPooled: config.listenDsn !== null,
  applicationName: config.workerId,
  targetsMax: config.scrapedTargetsMax,
  timeoutMs: config.maxTimeoutMs,
  attemptsMax: 1 + config.confirm,
  leaseMarginMs: config.leaseMarginMs,
});
