// CPU of one check, worker and PostgreSQL separately, compared with bare node:http and blackbox_exporter's probe.
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { type BenchServer, connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { startCountedWebsites } from './support/counted-websites.ts';
import { cpuMsOf, postgresCpuMs } from './support/cpu.ts';
import { median, rounded } from './support/figures.ts';
import { startService } from './support/service-child.ts';
import { insertTargets } from './support/targets.ts';

const settings = settingsOrExit(
  'CPU of one check: user and system, of all threads and processes concerned.',
  {
    ...dsnFlag,
    rate: { rule: wholeNumber(10, 5_000), fallback: '200', meaning: 'checks per second' },
    seconds: {
      rule: wholeNumber(2, 600),
      fallback: '10',
      meaning: 'duration of each contestant in each round',
    },
    only: {
      rule: z.string(),
      fallback: '',
      meaning: 'contestants whose name contains this, as in "the service"',
    },
    scheme: { rule: z.enum(['both', 'http', 'https']), fallback: 'both', meaning: 'http, https or both' },
    rounds: { rule: wholeNumber(1, 100), fallback: '5', meaning: 'number of rounds; medians are shown' },
  },
);

type Scheme = 'http' | 'https';
/** CPU used so far, in ms, by process */
type CpuMs = Readonly<Record<string, () => Promise<number>>>;

/** In µs, by contestant, process and round */
type Figures = Record<string, Record<string, number[]>>;

interface Contestant {
  readonly cpuMs: CpuMs;
  readonly stop: () => Promise<void>;
}

const websites = await startCountedWebsites();
const folder = await mkdtemp(join(tmpdir(), 'website-monitor-check-'));
const caFile = join(folder, 'ca.pem');
await writeFile(caFile, websites.ca);
const BLACKBOX = 'prometheus-blackbox-exporter'; // Debian's name of the program
const hasBlackbox = spawnSync(BLACKBOX, ['--version']).status === 0;

await onBenchServer(settings.dsn, async server => {
  for (const scheme of ['http', 'https'] as const) {
    if (settings.scheme !== 'both' && settings.scheme !== scheme) continue;
    const contestants: Readonly<Record<string, () => Promise<Contestant>>> = {
      [bareName(scheme, false)]: () => bare(scheme, false),
      ...(hasBlackbox && { 'blackbox_exporter, a probe': () => blackbox(scheme) }),
      'the service': () => service(server, scheme, false),
      [bareName(scheme, true)]: () => bare(scheme, true),
      'the service, kept alive': () => service(server, scheme, true),
    };
    const figures: Figures = {};
    for (let round = 0; round < settings.rounds; round++) {
      for (const [name, start] of Object.entries(contestants)) {
        if (!name.includes(settings.only)) continue;
        for (const [of, us] of Object.entries(await measure(await start()))) {
          figures[name] ??= {};
          figures[name][of] = [...(figures[name][of] ?? []), us];
        }
      }
    }
    show(scheme, figures);
  }
});
if (!hasBlackbox) console.log(`${BLACKBOX} is not installed: apt-get install ${BLACKBOX}`);
websites.stop();
await rm(folder, { recursive: true });

/** CPU per request that the website received meanwhile, in µs. */
async function measure({ cpuMs, stop }: Contestant): Promise<Record<string, number>> {
  await delay(2_000);
  const before = await Promise.all(Object.values(cpuMs).map(read => read()));
  const askedBefore = await websites.requestsSoFar();
  await delay(settings.seconds * 1_000);
  const after = await Promise.all(Object.values(cpuMs).map(read => read()));
  const asked = (await websites.requestsSoFar()) - askedBefore;
  await stop();
  const usOf = (index: number) => (((after[index] ?? Number.NaN) - (before[index] ?? 0)) * 1_000) / asked;
  return Object.fromEntries(Object.keys(cpuMs).map((name, index) => [name, usOf(index)]));
}

function show(scheme: Scheme, figures: Figures): void {
  const rows = Object.entries(figures).map(([name, each]) => {
    const client = each.client ?? [];
    const inAll = client.map((_us, round) => sum(Object.values(each).map(of => of[round] ?? Number.NaN)));
    return { name, each, client, inAll };
  });
  const find = (name: string) => rows.find(row => row.name.startsWith(name));
  console.log(
    `\n${scheme}, ${settings.rate} checks a second, ${settings.rounds} rounds of ${settings.seconds} s, in turn; CPU of one check, µs`,
  );
  console.table(
    rows.map(({ name, each, client, inAll }) => ({
      name,
      client: '–',
      PostgreSQL: '–',
      ...Object.fromEntries(Object.entries(each).map(([of, us]) => [of, rounded(median(us), 0)])),
      total: rounded(median(inAll), 0),
      [`client ÷ node:${scheme}`]: ratioOf(client, find(bareName(scheme, name.includes('kept')))?.client),
      'total ÷ blackbox_exporter': ratioOf(inAll, find('blackbox')?.inAll),
    })),
  );
}

function bareName(scheme: Scheme, isKept: boolean): string {
  return `node:${scheme}${isKept ? ', kept alive' : ''}`;
}

/** Median and range of the ratio per round: what affects a whole round, such as other load, cancels out. */
function ratioOf(us: readonly number[], base: readonly number[] = []): string {
  const ratios = us.map((each, round) => each / (base[round] ?? Number.NaN));
  const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)];
  return [middle, least, most].some(Number.isNaN)
    ? '–'
    : `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function cpuOf({ pid = 0 }: ChildProcess): () => Promise<number> {
  return async () => cpuMsOf(pid);
}

async function bare(scheme: Scheme, isKept: boolean): Promise<Contestant> {
  const args = [`${websites[scheme]}/`, String(settings.rate), caFile, isKept ? 'yes' : 'no'];
  const child = fork(new URL('check/client.ts', import.meta.url), args);
  await once(child, 'message');
  return { cpuMs: { client: cpuOf(child) }, stop: () => stopped(child) };
}

/** Driven by a bare client over kept-alive connections; the client is not measured. */
async function blackbox(scheme: Scheme): Promise<Contestant> {
  const port = await freePort();
  const config = join(folder, 'blackbox.yml');
  const tls = `{ ca_file: ${caFile} }`;
  await writeFile(
    config,
    `modules: { http: { prober: http, timeout: 5s, http: { preferred_ip_protocol: ip4, tls_config: ${tls} } } }`,
  );
  const flags = [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'];
  const child = spawn(BLACKBOX, flags, { stdio: 'ignore' });
  await delay(1_000);
  const url = `http://127.0.0.1:${port}/probe?module=http&target=${encodeURIComponent(`${websites[scheme]}/`)}`;
  const driver = fork(new URL('check/client.ts', import.meta.url), [
    url,
    String(settings.rate),
    caFile,
    'yes',
  ]);
  await once(driver, 'message');
  const stop = async (): Promise<void> => {
    await stopped(driver);
    await stopped(child);
  };
  return { cpuMs: { client: cpuOf(child) }, stop };
}

async function service(server: BenchServer, scheme: Scheme, isKept: boolean): Promise<Contestant> {
  const dsn = await server.createDatabase();
  const psql = await connect(dsn);
  const flags = isKept ? ['--keep-alive'] : [];
  const environment = { NODE_EXTRA_CA_CERTS: caFile };
  const worker = await startService(dsn, flags, [], null, environment);
  await insertTargets(psql, `${websites[scheme]}/`, settings.rate * 10, '10 s');
  await delay(12_000); // until the first checks are over
  const stop = async (): Promise<void> => {
    await worker.stop();
    await psql.end();
  };
  return { cpuMs: { client: async () => worker.cpuMs(), PostgreSQL: () => postgresCpuMs(psql) }, stop };
}

async function stopped(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
