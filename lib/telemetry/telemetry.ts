import type { Ports } from '../checking/ports.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { MetricSource } from './metric-data.ts';
import type { TelemetrySettings } from './settings.ts';

/** OpenTelemetry, as the service sees it. */
export interface Telemetry {
  /** The same ports, and what goes through them is traced. */
  readonly traced: (ports: Ports) => Ports;
  /** From the moment in which its check is settled; undefined where that is not traced */
  readonly traceIdOf: (lease: Lease) => string | undefined;
  /** Exports what waits, or gives up after a second. */
  readonly close: () => Promise<void>;
}

/** Who exports, and what of beside the traces. */
export interface TelemetrySource {
  readonly version: string;
  readonly workerId: string;
  /** Of this start */
  readonly instanceId: string;
  readonly metrics: MetricSource;
  /** Told of each export that failed; must not throw */
  readonly onTrouble: (reason: string) => void;
}

const NONE: Telemetry = { traced: ports => ports, traceIdOf: () => undefined, close: async () => {} };

/** Loads OpenTelemetry only where there is something to export. */
export async function openTelemetry(
  settings: TelemetrySettings | null,
  source: TelemetrySource,
): Promise<Telemetry> {
  if (settings === null) return NONE;
  const { startExporting } = await import('./start-exporting.ts');
  return startExporting(settings, source);
}
