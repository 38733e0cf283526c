import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { describeWith, lacking } from '../support/debian.ts';

const MAIN = new URL('../../lib/main.ts', import.meta.url).pathname;
const run = promisify(execFile);

/** What a check says in a network of its own that leads nowhere. */
const checkWithoutNetwork = async (url: string): Promise<{ outcome: string; cause: string }> => {
  const flags = ['check', url, '--json', '--timeout=5', '--allow-private-targets=all'];
  // It ends with 3, for it does not know.
  const { stdout, stderr } = await run('unshare', ['--net', process.execPath, MAIN, ...flags]).catch(
    error => error,
  );
  return stdout ? JSON.parse(stdout) : lacking('network namespaces', stderr);
};

describeWith('network namespaces', 'A machine without a network', () => {
  for (const [what, url, cause] of [
    ['an IPv4 address', 'http://192.0.2.1/', 'network_unavailable'],
    ['an IPv6 address', 'http://[2001:db8::1]/', 'network_unavailable'],
    ['a name', 'http://www.example.org/', 'resolver_unavailable'],
  ] as const) {
    it(`calls no website down for that: ${what} is unknown, ${cause}`, async () => {
      expect(await checkWithoutNetwork(url)).to.include({ outcome: 'unknown', cause });
    });
  }
});
