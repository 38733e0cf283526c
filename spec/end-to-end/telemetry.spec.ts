import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { launch, type MainProcess, startWorker } from '../support/main-process.ts';
import { CUMULATIVE, ERROR, KINDS, type SeenSpan, UNSET } from '../support/otlp.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { redirectTo, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWorkerHere, type WorkerHere } from '../support/worker-here.ts';

const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '200' };

describe('OpenTelemetry', () => {
  let stage: Stage;
  let receiver: OtlpReceiver;
  const open = async () => {
    stage = await openStage({
      '/there': respond({ body: 'here' }),
      '/old?token=s3cret': redirectTo('/there?token=s3cret'),
      '/broken': respond({ status: 503 }),
    });
    receiver = await startOtlpReceiver();
  };
  const close = async () => {
    await stage.close();
    await receiver.close();
  };
  const openForEach = () => {
    beforeEach(open);
    afterEach(close);
  };

  const add = (path: string) =>
    stage.ledger.psql.query("INSERT INTO monitored_targets (url, check_interval) VALUES ($1, '30 d')", [
      stage.website.origin + path,
    ]);
  const start = (environment: Readonly<Record<string, string>> = {}, ...flags: string[]) =>
    startWorkerHere(stage.ledger.dsn, flags, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      ...SOON,
      ...environment,
    });
  const stop = async (worker: MainProcess | WorkerHere): Promise<void> => {
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
  };
  /** A check's first span, once all of its trace is there. */
  const checkOf = async (path: string): Promise<SeenSpan> => {
    const find = () =>
      receiver.spans.find(
        ({ name, attributes }) => name === 'check' && String(attributes['url.full']).includes(path),
      );
    await receiver.until(() => find() !== undefined);
    return find() as SeenSpan;
  };
  const childrenOf = ({ spanId, traceId }: SeenSpan) =>
    receiver.spans
      .filter(span => span.parentSpanId === spanId && span.traceId === traceId)
      .sort((one, other) => Number(one.startNs - other.startNs));
  type Tree = readonly [name: string, ...children: Tree[]];
  const treeOf = (span: SeenSpan): Tree => [span.name, ...childrenOf(span).map(treeOf)];

  describe('traces', () => {
    let worker: WorkerHere;
    before(async () => {
      await open();
      worker = await start(
        { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=spec' },
        '--worker-id=w1',
      );
      await add('/there');
    });
    after(async () => {
      await stop(worker);
      await close();
    });

    it('are one of each check: lease, request with its phases, record', async () => {
      const check = await checkOf('/there');
      const [lease, request, record] = childrenOf(check);
      expect(treeOf(check)).to.deep.equal([
        'check',
        ['lease'],
        ['GET', ['connect'], ['ttfb'], ['transfer']],
        ['record'],
      ]);
      expect(check.parentSpanId).to.equal(undefined);
      expect(check.attributes).to.include({
        'url.full': `${stage.website.origin}/there`,
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'website_monitor.target.id': '1',
        'website_monitor.target.version': 1,
        'website_monitor.batch.epoch': 1,
        'website_monitor.outcome': 'up',
      });
      expect(check.status?.code ?? UNSET).to.equal(UNSET);
      expect(request?.kind).to.equal(KINDS.client);
      expect(request?.attributes).to.deep.equal({
        'url.full': `${stage.website.origin}/there`,
        'server.address': '127.0.0.1',
        'server.port': stage.website.port,
        'http.request.method': 'GET',
        'network.peer.address': '127.0.0.1',
        'http.response.status_code': 200,
      });
      expect(lease?.attributes).to.include({ 'db.system.name': 'postgresql', 'db.operation.batch.size': 1 });
      expect(record?.attributes).to.include({ 'website_monitor.recorded': true });
    });

    it('have the times of the tables, each part within its whole and after what went before it', async () => {
      const check = await checkOf('/there');
      const parts = childrenOf(check);
      const phases = parts.flatMap(childrenOf);
      const [lease, request, record] = parts;
      for (const [whole, part] of [
        ...parts.map(part => [check, part] as const),
        ...phases.map(phase => [request as SeenSpan, phase] as const),
      ]) {
        expect(
          part.startNs >= whole.startNs && part.endNs <= whole.endNs,
          `${part.name} in ${whole.name}`,
        ).to.equal(true);
      }
      expect(lease && request && lease.endNs <= request.startNs, 'leased, then asked').to.equal(true);
      expect(request && record && request.endNs <= record.startNs, 'asked, then recorded').to.equal(true);
      const [row] = await stage.ledger.rows<{ started_ms: number; total_us: number }>(
        `SELECT extract(epoch FROM started_at)::float8 * 1000 AS started_ms, total_us::integer
         FROM check_results WHERE target_id = 1 ORDER BY scheduled_at LIMIT 1`,
      );
      expect(Number(request?.startNs) / 1e6).to.be.closeTo(row?.started_ms ?? 0, 5);
      expect(Number((request?.endNs ?? 0n) - (request?.startNs ?? 0n)) / 1e3).to.be.closeTo(
        row?.total_us ?? 0,
        1_000,
      );
    });

    it('show redirects, and each attempt before a target is called down, as requests of their own', async () => {
      await add('/old?token=s3cret');
      await add('/broken');
      const phases: Tree[] = [['connect'], ['ttfb'], ['transfer']];
      expect(treeOf(await checkOf('/old'))).to.deep.equal([
        'check',
        ['lease'],
        ['GET', ...phases],
        ['redirect', ...phases],
        ['record'],
      ]);
      const down = await checkOf('/broken');
      expect(treeOf(down)).to.deep.equal([
        'check',
        ['lease'],
        ['GET', ...phases],
        ['GET', ...phases],
        ['record'],
      ]);
      expect(down.status).to.include({ code: ERROR, message: 'http_status' });
      expect(down.attributes).to.include({ 'error.type': 'http_status', 'website_monitor.rechecks': 1 });
      const [, first, second] = childrenOf(down);
      expect(first?.attributes)
        .to.include({ 'error.type': '503' })
        .and.not.have.property('http.request.resend_count');
      expect(second?.attributes).to.include({ 'error.type': '503', 'http.request.resend_count': 1 });
      expect(await worker.logged(/^target is down$/)).to.include({ trace_id: down.traceId });
      expect(receiver.sent()).to.include('/there?').and.not.include('s3cret');
    });

    it('name the service, its start and its worker, unless the environment names them otherwise', async () => {
      const { resource } = await checkOf('/there');
      expect(resource).to.include({
        'service.name': 'website-monitor',
        'website_monitor.worker_id': 'w1',
        'deployment.environment.name': 'spec',
      });
      expect(resource['service.instance.id']).to.match(/^[\da-f-]{36}$/);
    });
  });

  describe('traces of a worker of its own', () => {
    openForEach();

    it('are found from the log, and go with its headers', async () => {
      const worker = await start({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=s3cret' }, '--enable-tracing');
      await add('/there');
      const { traceId } = await checkOf('/there');
      expect(await worker.logged(/^check$/)).to.include({ trace_id: traceId });
      expect(receiver.headers[0]).to.include({ 'api-key': 's3cret' });
      expect(worker.output()).to.not.include('s3cret');
      await stop(worker);
    });

    it('go where .env says, as every setting may be there', async () => {
      const folder = await temporaryFolder();
      const variables = {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        OTEL_SERVICE_NAME: 'by-env-file',
        ...SOON,
      };
      await writeFile(
        join(folder, '.env'),
        Object.entries(variables)
          .map(pair => pair.join('='))
          .join('\n'),
      );
      const worker = launch({
        folder,
        args: ['--http-port=off', '--logging-type=prod'],
        environment: { WEBSITE_MONITOR_DSN: stage.ledger.dsn },
      });
      await add('/there');
      expect((await checkOf('/there')).resource).to.include({ 'service.name': 'by-env-file' });
      await stop(worker);
      await rm(folder, { recursive: true });
    });

    it('are all there after a stop, however long a batch may wait', async () => {
      const worker = await start({ OTEL_BSP_SCHEDULE_DELAY: '600000', OTEL_METRICS_EXPORTER: 'none' });
      await stage.ledger.addTargets(stage.website.origin, 100, '1 hour');
      await stage.ledger.until('SELECT count(*) = 100 FROM check_results');
      await stop(worker);
      expect(receiver.spans.filter(({ name }) => name === 'check')).to.have.length(100);
    });

    it('are as many as the sampler lets through', async () => {
      const worker = await start(
        { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
        '--enable-tracing',
      );
      await add('/there');
      expect(await worker.logged(/^check$/)).to.not.have.property('trace_id');
      await stop(worker);
      expect(receiver.spans).to.deep.equal([]);
    });
  });

  describe('metrics', () => {
    openForEach();

    it('are those of /metrics, by the same names', async () => {
      const worker = await start({ OTEL_TRACES_EXPORTER: 'none' }, '--http-port=0');
      await add('/there');
      const find = (name: string) => receiver.metrics.findLast(metric => metric.name === name);
      const upOf = () =>
        find('website_monitor_checks_total')?.sum?.points.find(
          ({ attributes }) => attributes.outcome === 'up',
        );
      await receiver.until(() => upOf()?.double === 1);
      const shown = await worker.get('/metrics');
      const names = new Set(receiver.metrics.map(({ name }) => name));
      expect([...names].sort()).to.deep.equal(
        [...shown.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name).sort(),
      );
      expect(find('website_monitor_checks_total')?.sum).to.include({
        temporality: CUMULATIVE,
        isMonotonic: true,
      });

      const durations = find('website_monitor_check_duration_seconds');
      const [ofUp] =
        durations?.histogram?.points.filter(({ attributes }) => attributes.outcome === 'up') ?? [];
      expect(durations?.unit).to.equal('s');
      expect(ofUp?.count).to.equal(1n);
      expect(ofUp?.counts).to.have.length((ofUp?.bounds?.length ?? 0) + 1);
      expect(ofUp?.counts?.reduce((sum, count) => sum + count, 0n)).to.equal(1n);
      expect(receiver.spans).to.deep.equal([]);
      await stop(worker);
    });
  });

  describe('without a working receiver', () => {
    openForEach();

    for (const [what, status] of [
      ['does not answer', null],
      ['refuses everything', 400],
      ['is overloaded', 503],
    ] as const) {
      it(`delays neither checks nor a stop: a receiver that ${what}`, async () => {
        const faulty = await startOtlpReceiver({ status });
        const worker = await start({
          OTEL_EXPORTER_OTLP_ENDPOINT: faulty.endpoint,
          OTEL_BSP_MAX_QUEUE_SIZE: '20',
        });
        await stage.ledger.addTargets(stage.website.origin, 30, '1 s');
        await faulty.nextRequest();
        await stage.ledger.until('SELECT count(*) >= 60 FROM check_results');
        await stop(worker);
        await faulty.close();
        expect(await stage.ledger.rows("SELECT FROM check_results WHERE outcome <> 'up'")).to.deep.equal([]);
        expect(await stage.ledger.imbalance()).to.deep.equal([]);
      });
    }

    it('is reported in the log', async () => {
      const faulty = await startOtlpReceiver({ status: 400 });
      const worker = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: faulty.endpoint });
      await add('/there');
      expect(await worker.logged(/^telemetry was lost/)).to.include({ level: 'warn', times: 1 });
      await stop(worker);
      await faulty.close();
    });
  });

  describe('is loaded only where it is asked for:', () => {
    openForEach();

    let folder: string;
    beforeEach(async () => {
      folder = await temporaryFolder();
    });
    afterEach(() => rm(folder, { recursive: true }));

    const noteModules = pathToFileURL(join(import.meta.dirname, '../support/note-modules.ts'));
    const loadedWith = async (environment: Readonly<Record<string, string>>): Promise<string> => {
      const file = join(folder, 'modules');
      const noting = { NODE_OPTIONS: `--import=${noteModules}`, NOTED_MODULES_FILE: file };
      const worker = await startWorker(stage.ledger.dsn, [], { ...environment, ...noting });
      await add('/there');
      await stage.ledger.until('SELECT count(*) > 0 FROM check_results');
      await stop(worker);
      return readFile(file, 'utf8');
    };

    for (const [environment, isLoaded] of [
      [{}, false],
      [{ OTEL_SERVICE_NAME: 'website-monitor' }, false],
      [{ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }, false],
      [{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'prometheus' }, false],
      [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ] as const) {
      it(`${isLoaded ? 'by' : 'not by'} ${JSON.stringify(environment)}`, async () => {
        const modules = await loadedWith(environment);
        expect(modules).to.include('/lib/telemetry/settings.ts').and.to.include('prom-client');
        // prom-client itself loads the API, which does nothing by itself.
        expect(/@opentelemetry\/(?!api\/)/.test(modules)).to.equal(isLoaded);
      });
    }
  });
});
