import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { lacking } from './debian.ts';
import { monitoringFile } from './monitoring-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** When, and what */
  readonly value: readonly [number, string];
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

export interface Prometheus {
  /** Rejects with what it has against the expression. */
  readonly query: (expr: string) => Promise<readonly Sample[]>;
  /** What it answers as soon as that satisfies: asked again with each scrape */
  readonly until: (
    expr: string,
    isEnough: (samples: readonly Sample[]) => boolean,
  ) => Promise<readonly Sample[]>;
  readonly alerts: () => Promise<readonly Alert[]>;
  readonly close: () => Promise<void>;
}

const SCRAPE_EVERY_MS = 1_000;

/** The real one, with the files of `deploy/prometheus`, but that it scrapes these addresses, and each second. */
export async function startPrometheus(addresses: readonly string[]): Promise<Prometheus> {
  const folder = await temporaryFolder();
  const config = monitoringFile('prometheus/prometheus.yaml')
    .replaceAll(/^( +- targets: ).*$/gm, `$1${JSON.stringify(addresses)}`)
    .replaceAll(/(_interval: )\d+s/g, `$1${SCRAPE_EVERY_MS / 1_000}s`);
  await writeFile(join(folder, 'prometheus.yaml'), config);
  await writeFile(join(folder, 'rules.yaml'), monitoringFile('prometheus/rules.yaml'));
  const server = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await once(server, 'spawn').catch(error => lacking('prometheus', error));
  process.once('exit', () => server.kill('SIGKILL'));
  const origin = await originOf(server.stderr);

  const ask = async (path: string) => {
    const answer = (await (await fetch(`${origin}/api/v1/${path}`)).json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${answer.errorType}: ${answer.error}`);
    return answer.data;
  };
  const query: Prometheus['query'] = async expr =>
    (await ask(`query?query=${encodeURIComponent(expr)}`)).result ?? [];
  return {
    query,
    until: async (expr, isEnough) => {
      for (;;) {
        const samples = await query(expr);
        if (isEnough(samples)) return samples;
        await delay(SCRAPE_EVERY_MS / 4); // it tells nobody of its scrapes
      }
    },
    alerts: async () => (await ask('alerts')).alerts ?? [],
    close: async () => {
      const ended = once(server, 'close');
      server.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

interface Answer {
  readonly status: string;
  readonly errorType?: string;
  readonly error?: string;
  readonly data: { readonly result?: readonly Sample[]; readonly alerts?: readonly Alert[] };
}

/** From its log, once it says that it is ready, too. */
async function originOf(stderr: Readable): Promise<string> {
  let told = '';
  for await (const text of stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    told += text;
    const [, address] = /msg="Listening on" address=(\S+)/.exec(told) ?? [];
    if (address && told.includes('Server is ready')) {
      stderr.resume();
      return `http://${address}`;
    }
  }
  throw new Error(`prometheus has ended: ${told}`);
}
