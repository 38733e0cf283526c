import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import {
  answerDelayMs,
  MOCK_SERVER_DEFAULTS,
  type MockServer,
  type MockServerSettings,
  startMockServer,
} from '../../scripts/support/mock-server.ts';
import { seededRandom } from '../../scripts/support/random.ts';
import { runScript, scriptPath } from '../support/run-script.ts';

const AT_ONCE = { min: 0, max: 0 };
const NEVER = { min: 80_000_000, max: 80_000_000 };

/** A request that the server has taken and not answered: it has said so by `100 Continue`. */
const requestInHand = async (url: string): Promise<ClientRequest> => {
  const sent = request(url, { headers: { expect: '100-continue' } });
  await once(sent, 'continue');
  sent.end();
  return sent;
};

describe('startMockServer', () => {
  let servers: MockServer[] = [];

  const start = async (settings: Partial<MockServerSettings> = {}): Promise<MockServer> => {
    const server = await startMockServer({ port: 0, fastPercent: 100, fastMs: AT_ONCE, ...settings });
    servers.push(server);
    return server;
  };

  afterEach(async () => {
    await Promise.all(servers.map(server => server.close()));
    servers = [];
  });

  it('answers any path with 200 and 100 lower-case letters, others each time', async () => {
    const { url } = await start();
    const bodies = await Promise.all(
      ['/', '/a/b?c=d', '/%00'].map(async path => {
        const response = await fetch(url + path);
        expect(response.status).to.equal(200);
        return response.text();
      }),
    );
    for (const body of bodies) expect(body).to.match(/^[a-z]{100}$/);
    expect(new Set(bodies)).to.have.property('size', 3);
  });

  it('answers any method, and HEAD without a body', async () => {
    const { url } = await start();
    const posted = await fetch(url, { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(await posted.text()).to.have.length(100);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).to.deep.equal([200, '']);
  });

  it('answers with the given status and number of letters', async () => {
    const { url } = await start({ status: 503, bodyLength: 200_000 });
    const response = await fetch(url);
    expect([response.status, (await response.text()).length]).to.deep.equal([503, 200_000]);
  });

  it('sends the same letters again from the same seed', async () => {
    const bodyOf = async (seed: number) => (await fetch((await start({ seed })).url)).text();
    expect(await bodyOf(7)).to.equal(await bodyOf(7));
    expect(await bodyOf(7)).to.not.equal(await bodyOf(8));
  });

  it('counts requests by path, whatever their query', async () => {
    const { url, requestsByPath } = await start();
    for (const path of ['/a', '/a?x=1', '/b']) await fetch(url + path);
    expect([...requestsByPath]).to.deep.equal([
      ['/a', 2],
      ['/b', 1],
    ]);
  });

  it('holds a thousand requests at a time, and cuts them on close', async () => {
    const { url, requestsByPath, close } = await start({ fastMs: NEVER });
    const waiting = await Promise.all(Array.from({ length: 1000 }, () => requestInHand(`${url}/slow`)));
    expect(requestsByPath.get('/slow')).to.equal(1000);
    const hungUp = Promise.all(waiting.map(sent => once(sent, 'error')));
    await close();
    for (const [error] of await hungUp) expect(error).to.have.property('code', 'ECONNRESET');
  });
});

describe('answerDelayMs', () => {
  const delaysMs = (settings: Partial<MockServerSettings>): readonly number[] => {
    const random = seededRandom(1);
    return Array.from({ length: 10_000 }, () =>
      answerDelayMs(random, { ...MOCK_SERVER_DEFAULTS, ...settings }),
    );
  };

  it('is from 5 to 500 ms nine times in ten, else from 5 to 30 s', () => {
    const fast = delaysMs({}).filter(delayMs => delayMs < 5_000);
    const slow = delaysMs({}).filter(delayMs => delayMs >= 5_000);
    expect(fast.length).to.be.within(8_900, 9_100);
    expect([Math.min(...fast), Math.max(...fast)]).to.deep.equal([5, 500]);
    expect(Math.min(...slow)).to.be.within(5_000, 5_250);
    expect(Math.max(...slow)).to.be.within(29_750, 30_000);
  });

  it('is always fast at 100 per cent, and never at 0', () => {
    expect(Math.max(...delaysMs({ fastPercent: 100 }))).to.equal(500);
    expect(Math.min(...delaysMs({ fastPercent: 0 }))).to.be.at.least(5_000);
  });
});

describe('npm run mock-server', () => {
  const startScript = async (...args: string[]) => {
    const child = spawn(process.execPath, [scriptPath('mock-server.ts'), ...args]);
    const exited = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, exited, line };
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`says where it listens, answers, and exits with 0 on ${signal}, at once`, async () => {
      const { child, exited, line } = await startScript(
        '--port',
        '0',
        '--fast-percent',
        '100',
        '--fast-ms=0-0',
      );
      const [, url = ''] = /^mock server at (http:\/\/127\.0\.0\.1:\d+)$/.exec(line) ?? [];
      expect(await (await fetch(url)).text()).to.match(/^[a-z]{100}$/);
      child.kill(signal);
      expect(await exited).to.deep.equal([0, null]);
    });

  it('exits at once with a request in hand', async () => {
    const { child, exited, line } = await startScript(
      '--port=0',
      '--fast-percent=100',
      '--fast-ms=60000-60000',
    );
    const waiting = await requestInHand(line.replace('mock server at ', ''));
    const hungUp = once(waiting, 'error');
    child.kill('SIGINT');
    expect(await exited).to.deep.equal([0, null]);
    expect(await hungUp).to.have.nested.property('[0].code', 'ECONNRESET');
  });

  it('names every problem of its flags, by name and rule, and exits with 2', async () => {
    const flags = '--port 99999 --fast-ms=500-5 --slow-ms --fast-percent a --colour blue word --host='.split(
      ' ',
    );
    expect(await runScript('mock-server.ts', ...flags)).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: `--slow-ms: needs a value (write one that begins with a dash as --slow-ms=…)
--colour: no such flag; see --help
--host: needs a value (write one that begins with a dash as --host=…)
argument 9: belongs to no flag
--port: must be a whole number from 0 to 65535
--fast-percent: must be a whole number from 0 to 100
--fast-ms: must be two whole numbers from 0 to 86400000, the smaller first, as in 5-500
`,
    });
  });

  it('lists its flags for --help', async () => {
    const { code, stdout } = await runScript('mock-server.ts', '--port', 'nonsense', '--help');
    expect(code).to.equal(0);
    for (const flag of [
      'host',
      'port',
      'fast-percent',
      'fast-ms',
      'slow-ms',
      'status',
      'body-length',
      'seed',
    ])
      expect(stdout).to.match(new RegExp(`^ {2}--${flag} .*\\(.+\\)$`, 'm'));
  });

  it('says so and exits with 1 where it cannot listen', async () => {
    const server = await startMockServer({ port: 0 });
    const { port } = new URL(server.url);
    const { code, stderr } = await runScript('mock-server.ts', '--port', port);
    await server.close();
    expect(code).to.equal(1);
    expect(stderr).to.match(new RegExp(`^cannot listen on 127\\.0\\.0\\.1, port ${port}: .*EADDRINUSE`));
  });
});
