import type { Ports } from '../checking/ports.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { MetricSource } from './metric-data.ts';

/** OpenTelemetry as the service sees it. */
export interface Telemetry {
  /** Wraps the ports so that everything that goes through them is traced. */
  readonly traced: (ports: Ports) => Ports;
  /** The trace of a slot, known once it is settled; undefined if it is not traced. */
  readonly traceIdOf: (lease: Lease) => string | undefined;
  /** Exports what is left, or gives up after a second. */
  readonly close: () => Promise<void>;
}

/** The service that exports: its identity and its metrics. */
export interface TelemetrySource {
  readonly version: string;
  readonly workerId: string;
  /** Unique to this start of the worker */
  readonly instanceId: string;
  readonly metrics: MetricSource;
  /** Called for each failed export; must not throw */
  readonly onTrouble: (reason: string) => void;
}
