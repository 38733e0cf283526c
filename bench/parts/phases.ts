// Phases of a check compared with curl's timings of the same server, alternating. Skips curl if it is not installed.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstValueFrom } from 'rxjs';
import type { Phases } from '../../lib/domain/check/answer.ts';
import { createNameResolver } from '../../lib/net/names/resolve-name.ts';
import { createFetch } from '../../lib/probe/create-fetch.ts';
import { wholeNumber } from '../../lib/targets/text-rules.ts';
import { settingsOrExit } from '../../scripts/support/flags.ts';
import { aTarget } from '../../spec/support/a-target.ts';
import { median, rounded } from '../support/figures.ts';

const settings = settingsOrExit('Phases of a check next to those that curl tells of the same server.', {
  rounds: { rule: wholeNumber(3, 10_000), fallback: '60', meaning: 'checks per kind and program' },
});

/** In milliseconds; null if the phase did not happen */
type Timings = Readonly<Record<'dns' | 'connect' | 'tls' | 'ttfb' | 'transfer' | 'total', number | null>>;

const server = fork(new URL('phases/server.ts', import.meta.url));
const [{ plain, secure, ca }] = (await once(server, 'message')) as [
  Record<'plain' | 'secure' | 'ca', string>,
];
const folder = await mkdtemp(join(tmpdir(), 'website-monitor-phases-'));
const caFile = join(folder, 'ca.pem');
await writeFile(caFile, ca);

const names = createNameResolver();
const fetch = createFetch({ resolve: names.resolve, ca, privateTargets: { all: true, ranges: [] } });

const SCENARIOS: readonly (readonly [what: string, url: string])[] = [
  ['at once', `${plain}/`],
  ['first byte after 50 ms', `${plain}/late`],
  ['body over 50 ms', `${plain}/long`],
  ['at once, over TLS', `${secure}/`],
  ['first byte after 50 ms, over TLS', `${secure}/late`],
  ['two redirects, each after 20 ms', `${plain}/moved`],
];

const ours = async (url: string): Promise<Timings> => {
  const answer = await firstValueFrom(fetch(aTarget({ url }), performance.now() + 10_000));
  if (answer.kind !== 'answered') throw new Error(JSON.stringify(answer));
  return inMs(answer.phases);
};

const inMs = ({ dnsUs, connectUs, tlsUs, ttfbUs, transferUs, totalUs }: Phases): Timings => {
  const ms = (us: number | null) => (us === null ? null : us / 1_000);
  return {
    dns: ms(dnsUs),
    connect: ms(connectUs),
    tls: ms(tlsUs),
    ttfb: ms(ttfbUs),
    transfer: ms(transferUs),
    total: ms(totalUs),
  };
};

/** Of the last hop, except `total`, which spans all: curl does not keep phases of earlier hops. */
const curls = async (url: string): Promise<Timings> => {
  const args = ['--silent', '--location', '--noproxy', '*', '--cacert', caFile, '--output', '/dev/null'];
  const { stdout } = await promisify(execFile)('curl', [...args, '--write-out', '%{json}', url]);
  const seen = JSON.parse(stdout) as Record<string, number>;
  const at = (name: string) => (seen[`time_${name}`] ?? Number.NaN) * 1_000;
  const isTls = url.startsWith('https:');
  return {
    dns: at('namelookup'),
    connect: at('connect') - at('namelookup'),
    tls: isTls ? at('appconnect') - at('connect') : null,
    ttfb: at('starttransfer') - at('pretransfer'),
    transfer: at('total') - at('starttransfer'),
    total: at('total'),
  };
};

const medianOf = (timings: readonly Timings[], phase: keyof Timings): number | null => {
  const known = timings.map(one => one[phase]).filter(ms => ms !== null);
  return known.length === 0 ? null : median(known);
};

for (const [what, url] of SCENARIOS) {
  const seen: Record<'ours' | 'curl', Timings[]> = { ours: [], curl: [] };
  for (let round = 0; round < settings.rounds; round++) {
    seen.ours.push(await ours(url));
    seen.curl.push(await curls(url));
  }
  console.log(`\n${what}: medians of ${settings.rounds}, in ms`);
  const phases = ['dns', 'connect', 'tls', 'ttfb', 'transfer', 'total'] as const;
  console.table(
    Object.fromEntries(
      phases.map(phase => {
        const [mine, theirs] = [medianOf(seen.ours, phase), medianOf(seen.curl, phase)];
        const difference = mine === null || theirs === null ? '-' : rounded(mine - theirs);
        return [phase, { ours: mine && rounded(mine), curl: theirs && rounded(theirs), difference }];
      }),
    ),
  );
}
names.close();
server.kill();
await rm(folder, { recursive: true });
