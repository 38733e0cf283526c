import { isPowerOfTwo } from '../../domain/power-of-two.ts';
import type { Log } from '../../log/create-log.ts';
import { openTelemetry } from '../../telemetry/open-telemetry.ts';
import type { TelemetrySettings } from '../../telemetry/settings.ts';
import type { Telemetry, TelemetrySource } from '../../telemetry/telemetry.ts';
import type { Measuring } from './measure.ts';

export interface ExportSettings {
  /** Null: nothing is exported */
  readonly settings: TelemetrySettings | null;
  readonly version: string;
}

/** Exports traces and metrics for as long as the scope lasts. Logs the first, second, fourth, eighth … loss. */
export async function openExport(
  scope: AsyncDisposableStack,
  { settings, version }: ExportSettings,
  { workerId, instanceId }: Pick<TelemetrySource, 'workerId' | 'instanceId'>,
  { registry }: Measuring,
  log: Log,
): Promise<Telemetry> {
  let losses = 0;
  const telemetry = await openTelemetry(settings, {
    version,
    workerId,
    instanceId,
    metrics: () => registry.getMetricsAsJSON(),
    onTrouble: reason => {
      losses += 1;
      if (isPowerOfTwo(losses))
        log.warn('telemetry was lost: it could not be exported', { reason, times: losses });
    },
  });
  scope.defer(telemetry.close);
  return telemetry;
}
