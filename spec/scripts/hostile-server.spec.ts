import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { HOSTILE_ROWS } from '../support/hostile/hostile-website.ts';
import { type RunningScript, runScript, startScript } from '../support/run-script.ts';

describe('npm run hostile-server', () => {
  let running: RunningScript | undefined;
  afterEach(() => {
    running?.kill('SIGKILL'); // alive only where a spec failed
    running = undefined;
  });

  it('lists each misbehaviour with its cause and its address', async () => {
    running = startScript('hostile-server.ts', '--port=0');
    await running.lineLike(/npm run check-url/);
    const listed = running.lines.map(line =>
      /^ {2}(\w+) +(.+?) {2,}(https?:\/\/127\.0\.0\.1:\d+\/\S*)/.exec(line),
    );
    expect(listed.flatMap(line => (line ? [[line[1], line[2]]] : []))).to.deep.equal(
      HOSTILE_ROWS.map(({ expected, what }) => [expected, what]),
    );
  });

  it('misbehaves as it says', async () => {
    running = startScript('hostile-server.ts', '--port=0');
    const line = await running.lineLike(/ status 503 for a year /);
    const response = await fetch(/http:\S+/.exec(line)?.[0] ?? '');
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '31536000']);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`exits with 0 on ${signal}, whatever hangs, and takes its authority along`, async () => {
      running = startScript('hostile-server.ts', '--port=0');
      const line = await running.lineLike(/NODE_EXTRA_CA_CERTS=/);
      const [, file = '', url = ''] = /CERTS=(\S+) .* (\S+)$/.exec(line) ?? [];
      expect(existsSync(file)).to.equal(true);
      const hanging = fetch(url).catch(() => 'hung up');
      running.kill(signal);
      expect(await running.exited).to.equal(0);
      expect(await hanging).to.equal('hung up');
      expect(existsSync(file)).to.equal(false);
    });

  it('names every problem of its flags, by name and rule, and exits with 2', async () => {
    const { code, stderr } = await runScript('hostile-server.ts', '--port', '65500', '--colour=blue');
    expect(code).to.equal(2);
    expect(stderr).to.equal(
      '--colour: no such flag; see --help\n--port: must be a whole number from 0 to 65435\n',
    );
  });
});
