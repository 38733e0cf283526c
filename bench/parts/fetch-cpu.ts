// CPU of one fetch in this process: createFetch compared with bare node:http.
// node bench/parts/fetch-cpu.ts [checks, default 2000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { firstValueFrom } from 'rxjs';
import { createNameResolver } from '../../lib/net/names/resolve-name.ts';
import { createFetch } from '../../lib/probe/create-fetch.ts';
import { aTarget } from '../../spec/support/a-target.ts';

type Check = (origin: string) => Promise<unknown>;

const CHECKS = Number(process.argv[2] ?? 2000);
const WARM_UP = 300;
const RUNNING = 8;
const ROUNDS = 5;

const server = fork(new URL('fetch-cpu/server.ts', import.meta.url));
const [{ origins, ca }] = (await once(server, 'message')) as [{ origins: [string, string]; ca: string }];

const agents = {
  http: new http.Agent({ keepAlive: false }),
  https: new https.Agent({
    keepAlive: false,
    maxCachedSessions: 0,
    secureContext: tls.createSecureContext({ ca }),
  }),
};

const bareNode: Check = origin =>
  new Promise((resolve, reject) => {
    const isTls = origin.startsWith('https:');
    const request = (isTls ? https : http).request(origin, { agent: isTls ? agents.https : agents.http });
    request.on('error', reject);
    request.on('response', response => {
      const chunks: Buffer[] = [];
      response.on('data', chunk => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    request.end();
  });

const { resolve } = createNameResolver();
const fetch = createFetch({ resolve, ca, privateTargets: { all: true, ranges: [] } });
const ours: Check = async origin => {
  const answer = await firstValueFrom(fetch(aTarget({ url: origin }), performance.now() + 10_000));
  if (answer.kind !== 'answered') throw new Error(JSON.stringify(answer));
};

/** User and system CPU of one check, in µs. */
async function cpuUsOf(check: Check, origin: string, checks: number): Promise<number> {
  const before = process.cpuUsage();
  let left = checks;
  const work = async (): Promise<void> => {
    while (left-- > 0) await check(origin);
  };
  await Promise.all(Array.from({ length: RUNNING }, work));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / checks;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const kinds = { 'node:http': bareNode, createFetch: ours };
for (const origin of origins) {
  const spentUs = new Map<string, number[]>();
  for (const check of Object.values(kinds)) await cpuUsOf(check, origin, WARM_UP);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, check] of Object.entries(kinds)) {
      const us = await cpuUsOf(check, origin, Math.ceil(CHECKS / ROUNDS));
      spentUs.set(name, [...(spentUs.get(name) ?? []), us]);
    }
  }
  const bareUs = median(spentUs.get('node:http') ?? []);
  console.log(
    `\n${new URL(origin).protocol.slice(0, -1)}, ${CHECKS} checks of each, ${RUNNING} at once, a new connection each`,
  );
  console.table(
    [...spentUs].map(([name, us]) => ({
      client: name,
      'CPU µs per check': Math.round(median(us)),
      'of node:http': Number((median(us) / bareUs).toFixed(2)),
    })),
  );
}
server.disconnect();
