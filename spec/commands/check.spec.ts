import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import { expect } from 'chai';
import { createAuthority, createIdentity, daysFromNow } from '../support/certificates.ts';
import { runCommand } from '../support/command-process.ts';
import { LOOPBACK_ALLOWED, runMain } from '../support/main-process.ts';
import {
  redirectTo,
  respond,
  type ScriptedWebsite,
  startScriptedWebsite,
} from '../support/scripted-website.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('website-monitor check', () => {
  let folder: string;
  let website: ScriptedWebsite;
  let secure: ScriptedWebsite;
  let environment: Record<string, string>;
  const authorities = tls.getCACertificates('default');
  before(async () => {
    folder = await temporaryFolder();
    const authority = createAuthority();
    const identity = createIdentity(['127.0.0.1'], authority, { until: daysFromNow(90) });
    await writeFile(join(folder, 'ca.pem'), authority.cert);
    secure = await startScriptedWebsite({ acts: { '*': respond({ body: 'all is well' }) }, identity });
    let flaps = 0;
    website = await startScriptedWebsite({
      acts: {
        '/ok': respond({ body: 'all is well' }),
        '/moved?token=s3cret': redirectTo(`${secure.origin}/`),
        '/broken': respond({ status: 503 }),
        '/flaps': (request, response) => respond({ status: flaps++ === 0 ? 500 : 200 })(request, response),
        '/private': (request, response) =>
          respond({ status: request.headers.authorization === 'Bearer t0ken' ? 200 : 401 })(
            request,
            response,
          ),
      },
    });
    tls.setDefaultCACertificates([...authorities, authority.cert]);
    environment = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), WEBSITE_MONITOR_SECRET_TOKEN: 't0ken' };
  });
  after(async () => {
    tls.setDefaultCACertificates(authorities);
    await Promise.all([website.close(), secure.close()]);
    await rm(folder, { recursive: true });
  });

  const checkAsProcess = (...args: string[]) => runMain({ args: ['check', ...args], environment });
  const check = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand({
      args: ['check', ...args],
      environment: { ...LOOPBACK_ALLOWED, ...environment },
    });
    return { code, output: stdout + stderr };
  };
  const checkJson = async (...args: string[]) => JSON.parse((await check('--json', ...args)).output);

  it('prints verdict, status and phases of a website that is up, and exits with 0', async () => {
    const { code, output } = await checkAsProcess(`${website.origin}/ok`, '--match=all is');
    expect(output).to.match(/^✓ up {2}http:\/\/127\.0\.0\.1:\d+\/ok {2}200 {2}[\d.]+ ms$/m);
    expect(output).to.match(/^ {2}connect +│ *█+ *│ [\d.]+ ms$/m);
    expect(output).to.match(/^ {2}tls +│ {40}│ -$/m);
    expect(output).to.match(/^ {2}pattern +found$/m);
    expect(code).to.equal(0);
  });

  it('explains why a website is down and what to do, after confirming, and exits with 1', async () => {
    const { code, output } = await check(`${website.origin}/broken`);
    expect(output).to.match(/^✗ down .* 503 /m);
    expect(output).to.match(/^ {2}http_status: the final status is not accepted$/m);
    expect(output).to.match(/^ {2}What to do: /m);
    expect(output).to.match(/^ {2}attempts +2, the first failed: http_status$/m);
    expect(code).to.equal(1);
  });

  it('exits with 3 if the outcome is unknown', async () => {
    const { code, output } = await check(`${website.origin}/ok`, '--allow-private-targets=none');
    expect(output).to.match(/^\? unknown /m);
    expect(output).to.match(/--allow-private-targets 127\.0\.0\.1\/32/);
    expect(code).to.equal(3);
  });

  it('prints each redirect and the certificate, without possible secrets', async () => {
    const { code, output } = await check(`${website.origin}/moved?token=s3cret`);
    expect(output).to.match(/redirects +302 http:\/\/127\.0\.0\.1:\d+\/moved\?… [\d.]+ ms\n +→ 200 https:/);
    expect(output).to.match(
      /certificate +a test website, by a test authority, until \d{4}-\d\d-\d\d \(0 days left\)/,
    );
    expect(output).to.not.include('s3cret');
    expect(code).to.equal(0);
  });

  it('prints the same as JSON for programs', async () => {
    const seen = await checkJson(`${website.origin}/moved?token=s3cret`);
    expect(seen).to.deep.include({
      outcome: 'up',
      cause: null,
      httpStatus: 200,
      bodyCut: false,
      rechecks: null,
    });
    expect(seen.hops.map(({ httpStatus }: { httpStatus: number }) => httpStatus)).to.deep.equal([302, 200]);
    const sum = seen.hops.reduce(
      (us: number, hop: { phases: { ttfbUs: number } }) => us + hop.phases.ttfbUs,
      0,
    );
    expect(seen.phases.ttfbUs).to.equal(sum);
    expect(seen.certificate).to.include({ host: '127.0.0.1', subject: 'a test website' });
  });

  it('does not count its own startup in the phases of the first website', async () => {
    const ratios: number[] = [];
    // On a busy machine any one check may be late; startup would be in every first one.
    for (let tries = 0; tries < 8 && !ratios.some(ratio => ratio < 3); tries += 1) {
      const { output } = await checkAsProcess('--json', `${secure.origin}/first`, `${secure.origin}/second`);
      const [first, second] = output
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).phases.totalUs);
      ratios.push(first / second);
    }
    expect(Math.min(...ratios), String(ratios)).to.be.below(3);
  });

  it('confirms before it calls a website down', async () => {
    expect(await checkJson(`${website.origin}/flaps`)).to.deep.include({
      outcome: 'up',
      rechecks: { count: 1, firstCause: 'http_status' },
    });
  });

  it('takes all flags of a target', async () => {
    const { origin } = website;
    expect(await checkJson(`${origin}/broken`, '--accepted-statuses=500-599')).to.include({ outcome: 'up' });
    expect(await checkJson(`${origin}/ok`, '--must-not-match=w.ll')).to.include({ cause: 'regex_forbidden' });
    expect(await checkJson(`${origin}/moved?token=s3cret`, '--max-redirects=0')).to.include({
      httpStatus: 302,
    });
    expect(await checkJson(`${origin}/ok`, '--ip-family=6')).to.include({ cause: 'dns_not_found' });
    const reference = '--bearer-token=${env:WEBSITE_MONITOR_SECRET_TOKEN}';
    expect(await checkJson(`${origin}/private`, reference)).to.include({ outcome: 'up' });
    const tooSoon = await checkJson(secure.origin, '--min-certificate-validity=365');
    expect(tooSoon).to.include({ cause: 'tls_expires_soon' });
  });

  it('refuses an invalid pattern and a missing URL, and exits with 2', async () => {
    const pattern = await check(`${website.origin}/ok`, '--must-not-match=(');
    expect(pattern.output).to.match(
      /^website-monitor: --must-not-match: must be a pattern that RE2 accepts: /,
    );
    expect(pattern.code).to.equal(2);
    expect(await check()).to.deep.equal({ code: 2, output: 'website-monitor: check: needs a URL\n' });
  });
});
