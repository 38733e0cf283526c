import type { TelemetrySettings } from './settings.ts';
import type { Telemetry, TelemetrySource } from './telemetry.ts';

const NONE: Telemetry = { traced: ports => ports, traceIdOf: () => undefined, close: async () => {} };

/** Starts exporting. Loads OpenTelemetry only if there is something to export. */
export async function openTelemetry(
  settings: TelemetrySettings | null,
  source: TelemetrySource,
): Promise<Telemetry> {
  if (settings === null) return NONE;
  const { startExporting } = await import('./start-exporting.ts');
  return startExporting(settings, source);
}
