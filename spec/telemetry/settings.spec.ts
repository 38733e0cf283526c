import { expect } from 'chai';
import { readTelemetrySettings } from '../../lib/telemetry/settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const TRACES_ALONE = { OTEL_TRACES_EXPORTER: 'otlp' };

describe('The variables of OpenTelemetry', () => {
  for (const [environment, traces, metrics] of [
    [{}, false, false],
    [{ OTEL_SERVICE_NAME: 'x', OTEL_RESOURCE_ATTRIBUTES: 'a=b' }, false, false],
    [ENDPOINT, true, true],
    [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, false, false],
    [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }, true, true],
    [{ ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none' }, true, false],
    [{ ...ENDPOINT, OTEL_METRICS_EXPORTER: 'prometheus' }, true, false],
    [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true, false],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' }, false, true],
    [TRACES_ALONE, true, false],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, false, true],
    [{ OTEL_METRICS_EXPORTER: ' ' }, false, false],
  ] as const) {
    it(`export ${traces ? 'traces' : 'no traces'} and ${metrics ? 'metrics' : 'no metrics'} by ${JSON.stringify(environment)}`, () => {
      const { settings, problems } = readTelemetrySettings(environment);
      expect({ traces: Boolean(settings?.traces), metrics: Boolean(settings?.metrics) }).to.deep.equal({
        traces,
        metrics,
      });
      expect(settings === null).to.equal(!traces && !metrics);
      expect(problems).to.deep.equal([]);
    });
  }

  for (const [sampler, ratio, sampling] of [
    [undefined, undefined, 'always_on'],
    ['always_off', undefined, 'always_off'],
    ['parentbased_always_off', undefined, 'always_off'],
    ['parentbased_always_on', undefined, 'always_on'],
    ['traceidratio', '0.25', { ratio: 0.25 }],
    ['parentbased_traceidratio', '0.25', { ratio: 0.25 }],
    ['traceidratio', undefined, { ratio: 1 }],
  ] as const) {
    it(`sample ${JSON.stringify(sampling)} by ${sampler ?? 'nothing'} ${ratio ?? ''}`, () => {
      const variables = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio };
      const { settings } = readTelemetrySettings({ ...TRACES_ALONE, ...variables });
      expect(settings?.traces?.sampling).to.deep.equal(sampling);
    });
  }

  it('set how many spans may wait, for how long, and the intervals', () => {
    const { settings } = readTelemetrySettings({
      ...ENDPOINT,
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_SCHEDULE_DELAY: '1000',
      OTEL_BSP_EXPORT_TIMEOUT: '2000',
      OTEL_METRIC_EXPORT_INTERVAL: '3000',
    });
    expect(settings).to.deep.equal({
      traces: { sampling: 'always_on', queuedMax: 100, batchMax: 100, delayMs: 1_000, exportMsMax: 2_000 },
      metrics: { everyMs: 3_000 },
    });
  });

  it('fall back to defaults if invalid, and report all such variables, without their values', () => {
    const { settings, problems } = readTelemetrySettings({
      ...ENDPOINT,
      OTEL_TRACES_EXPORTER: 's3cret',
      OTEL_METRIC_EXPORT_INTERVAL: '-s3cret',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 's3cret',
      OTEL_TRACES_SAMPLER_ARG: '2',
      OTEL_BSP_MAX_QUEUE_SIZE: '0',
    });
    expect(settings).to.deep.equal({
      traces: {
        sampling: 'always_on',
        queuedMax: 8_192,
        batchMax: 512,
        delayMs: 5_000,
        exportMsMax: 30_000,
      },
      metrics: { everyMs: 60_000 },
    });
    expect(problems).to.deep.equal([
      'OTEL_TRACES_EXPORTER: must be one of otlp, none; using otlp',
      'OTEL_EXPORTER_OTLP_PROTOCOL: must be one of http/protobuf; using http/protobuf',
      'OTEL_BSP_MAX_QUEUE_SIZE: must be a whole number above 0; using 8192',
      'OTEL_TRACES_SAMPLER: must be one of always_on, parentbased_always_on, always_off, parentbased_always_off, traceidratio, parentbased_traceidratio; using parentbased_always_on',
      'OTEL_METRIC_EXPORT_INTERVAL: must be a whole number above 0; using 60000',
    ]);
  });

  it('export nothing to an endpoint that is not a URL, and do not show it, since it may be a secret', () => {
    const { settings, problems } = readTelemetrySettings({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'me:s3cret@collector',
      OTEL_METRICS_EXPORTER: 'none',
    });
    expect(settings).to.equal(null);
    expect(problems).to.deep.equal([
      'OTEL_EXPORTER_OTLP_ENDPOINT: must be an http or https URL; not exporting to it',
    ]);
  });
});
