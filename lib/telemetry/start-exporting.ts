import { DiagLogLevel, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { metricData, SCOPE } from './metric-data.ts';
import type { Sampling, TelemetrySettings, TracesSettings } from './settings.ts';
import type { Telemetry, TelemetrySource } from './telemetry.ts';
import { tracePorts } from './trace-ports.ts';

/** Time for the last export: an unreachable receiver must not delay shutdown. */
const CLOSING_MS_MAX = 1_000;

/** Exports over OTLP/HTTP until closed. A slow or unreachable receiver costs telemetry, never a check. */
export function startExporting({ traces, metrics }: TelemetrySettings, source: TelemetrySource): Telemetry {
  reportFailures(source.onTrouble);
  const resource = resourceOf(source);
  const tracerProvider = traces && provideTracer(traces, resource);
  const meterProvider = metrics && provideMetrics(metrics.everyMs, resource, source);
  const tracing = tracerProvider && tracePorts(tracerProvider.getTracer(SCOPE, source.version));
  return {
    traced: ports => tracing?.traced(ports) ?? ports,
    traceIdOf: lease => tracing?.traceIdOf(lease),
    close: async () => {
      const closing = [tracerProvider?.shutdown(), meterProvider?.shutdown()];
      await Promise.race([
        Promise.allSettled(closing),
        new Promise(resolve => setTimeout(resolve, CLOSING_MS_MAX).unref()),
      ]);
    },
  };
}

/** Reports failed exports. What was not exported is lost. */
function reportFailures(onTrouble: (reason: string) => void): void {
  setGlobalErrorHandler(trouble => onTrouble(typeof trouble === 'string' ? trouble : reasonOf(trouble)));
  const report = (message: string): void => onTrouble(message);
  const quiet = { info: () => {}, debug: () => {}, verbose: () => {} };
  diag.setLogger(
    { ...quiet, error: report, warn: report },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

/** Falls back to the code: Node's errors for several addresses at once have no message. */
const reasonOf = ({ message, code, name }: { message?: string; code?: string | number; name?: string }) =>
  message || String(code ?? name ?? 'unknown error');

/** `OTEL_SERVICE_NAME` overrides `OTEL_RESOURCE_ATTRIBUTES`, and both override our own attributes. */
const resourceOf = ({ version, workerId, instanceId }: TelemetrySource): Resource =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'website-monitor',
        'service.version': version,
        'service.instance.id': instanceId,
        'website_monitor.worker_id': workerId,
      }),
    )
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));

const provideTracer = (settings: TracesSettings, resource: Resource): TracerProvider =>
  new TracerProvider({
    resource,
    sampler: samplerOf(settings.sampling),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        maxQueueSize: settings.queuedMax,
        maxExportBatchSize: settings.batchMax,
        scheduledDelayMillis: settings.delayMs,
        exportTimeoutMillis: settings.exportMsMax,
      }),
    ],
  });

function samplerOf(sampling: Sampling): Sampler {
  if (sampling === 'always_on') return new AlwaysOnSampler();
  if (sampling === 'always_off') return new AlwaysOffSampler();
  return new TraceIdRatioBasedSampler(sampling.ratio);
}

const provideMetrics = (everyMs: number, resource: Resource, { metrics, version }: TelemetrySource) =>
  new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(),
        exportIntervalMillis: everyMs,
        metricProducers: [
          {
            collect: async () => ({
              resourceMetrics: { resource, scopeMetrics: [metricData(await metrics(), version, Date.now())] },
              errors: [],
            }),
          },
        ],
      }),
    ],
  });
