import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { redactDsn } from '../../lib/domain/redact.ts';
import { checkLine } from '../../lib/log/check-line.ts';
import { createLog, type LogOptions } from '../../lib/log/create-log.ts';
import { LoggingConfigError } from '../../lib/log/logging-config.ts';
import { boundedOutput, WAITING_BYTES_MAX } from '../../lib/log/outputs.ts';
import { aCheck } from '../support/a-check.ts';

const DOWN = {
  outcome: 'down',
  cause: 'connect_refused',
  detail: 'connect ECONNREFUSED 127.0.0.1:9',
} as const;

/** A standard stream that remembers what was written to it. */
const memory = (isTTY = false) => {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  return Object.assign(stream, { isTTY, lines: () => chunks.join('').split('\n').slice(0, -1) });
};

const logTo = (
  type: 'dev' | 'prod' | { configFile: string },
  { enableTracing = false, isTTY = false } = {},
) => {
  const [stdout, stderr] = [memory(isTTY), memory(isTTY)];
  const logging: LogOptions['logging'] = typeof type === 'string' ? { type } : { type: 'custom', ...type };
  const log = createLog({ logging, workerId: 'worker-1', enableTracing }, { stdout, stderr });
  return { log, stdout, stderr, objects: () => stdout.lines().map(line => JSON.parse(line)) };
};

describe('The log', () => {
  describe('for machines', () => {
    it('is one JSON object per line, with time, level, message, worker and facts', () => {
      const { log, objects } = logTo('prod');
      log.info('lease passes go on', { leases: 3, address: null });
      log.error('two\nlines');
      const [first, second] = objects();
      expect(new Date(first.timestamp).toISOString()).to.equal(first.timestamp);
      expect(first).to.include({
        level: 'info',
        message: 'lease passes go on',
        worker_id: 'worker-1',
        leases: 3,
        address: null,
      });
      expect(second).to.include({ level: 'error', message: 'two lines' });
    });

    it('omits single checks, which are in the database', () => {
      const { log, objects } = logTo('prod');
      log.check(aCheck());
      log.debug('detail');
      expect(objects()).to.deep.equal([]);
    });

    it('has each check and how it was run, with tracing', () => {
      const { log, objects } = logTo('prod', { enableTracing: true });
      log.check(aCheck({ verdict: DOWN, httpStatus: null }));
      const [{ timestamp: _, ...object }] = objects();
      expect(object).to.deep.equal({
        level: 'info',
        message: 'check',
        worker_id: 'worker-1',
        targetId: '7',
        scheduledAt: '2026-01-01 00:00:00.123456+00',
        url: 'https://example.org/',
        ...DOWN,
        httpStatus: null,
        regexMatch: null,
        bodyCut: false,
        totalUs: 43_534,
        lagMs: 2,
        dnsUs: 1_234,
        connectUs: 9_800,
        tlsUs: 20_400,
        ttfbUs: 12_000,
        transferUs: 100,
        batchId: '9',
        epoch: 0,
        targetVersion: 3,
      });
    });

    it('shows name, message, code and stack of an error, and nothing else that is attached to it', () => {
      const { log, stdout, objects } = logTo('prod');
      const request = Object.assign(new TypeError('failed'), {
        code: 'E1',
        options: { authorization: 's3cret' },
      });
      log.warn('odd', {
        error: request,
        several: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
      });
      const [{ error, several }] = objects();
      expect(error).to.include({ name: 'TypeError', message: 'failed', code: 'E1' });
      expect(error.stack[0]).to.match(/^at .*log\.spec\.ts/);
      expect(several.message).to.equal('ECONNREFUSED');
      expect(stdout.lines().join()).to.not.include('s3cret');
    });
  });

  describe('for people', () => {
    it('is a line of time, level, message and facts', () => {
      const { log, stdout } = logTo('dev');
      log.info('listening', { url: 'http://127.0.0.1:9400' });
      expect(stdout.lines()[0]).to.match(
        /^\d\d:\d\d:\d\d info {2}listening {2}url=http:\/\/127\.0\.0\.1:9400$/,
      );
    });

    it('shows each check as a line, and with tracing how it was run', () => {
      const { log, stdout } = logTo('dev', { enableTracing: true });
      log.check(aCheck());
      const [line, trace] = stdout.lines();
      expect(line).to.equal(checkLine(aCheck()));
      expect(trace).to.match(/^ +lagMs=2 dnsUs=1234 connectUs=9800 .* epoch=0 targetVersion=3$/);
    });

    it('is coloured on a terminal only', () => {
      for (const isTTY of [true, false]) {
        const { log, stdout } = logTo('dev', { isTTY });
        log.check(aCheck({ verdict: DOWN }));
        expect(stdout.lines()[0]?.includes('\u001b[31m')).to.equal(isTTY);
      }
    });

    it('lets no website write escape sequences or extra lines to the terminal', () => {
      const { log, stdout } = logTo('dev');
      log.check(aCheck({ verdict: { ...DOWN, detail: 'a\u001b[2Jb\nc' } }));
      log.info('a\u001b[2J\nb', { fact: 'c\r\nd' });
      expect(stdout.lines()).to.have.length(2);
      expect(stdout.lines().join('')).to.not.match(/\p{Cc}/u);
    });
  });

  describe('custom', () => {
    let folder: string;
    const configFile = (config: unknown): string => {
      const path = join(folder, 'logging.json');
      writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config));
      return path;
    };
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'website-monitor-log-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('goes where the file says, each transport with its own level and format', () => {
      const path = join(folder, 'all.log');
      const transports = [
        { to: 'stdout', format: 'line' },
        { to: 'stderr', level: 'error' },
        { to: 'file', path, level: 'debug' },
      ];
      const { log, stdout, stderr } = logTo({ configFile: configFile({ transports }) });
      log.info('one');
      log.error('two');
      log.check(aCheck());
      const messages = (lines: string[]) => lines.map(line => JSON.parse(line).message);
      expect(stdout.lines().map(line => line.slice(9))).to.deep.equal(['info  one', 'error two']);
      expect(messages(stderr.lines())).to.deep.equal(['two']);
      expect(messages(readFileSync(path, 'utf8').trim().split('\n'))).to.deep.equal(['one', 'two', 'check']);
    });

    it('appends to an existing file', () => {
      const path = join(folder, 'all.log');
      writeFileSync(path, 'before\n');
      logTo({ configFile: configFile({ transports: [{ to: 'file', path }] }) }).log.info('after');
      expect(readFileSync(path, 'utf8')).to.match(/^before\n\{.*"after".*\}\n$/);
    });

    for (const [name, config, problem] of [
      ['is not JSON', '{', /logging\.json: must be JSON$/],
      ['has no transport', { transports: [] }, /logging\.json transports: .*>=1/],
      [
        'names an unknown level',
        { level: 'loud', transports: [{ to: 'stdout' }] },
        /logging\.json level: .*"error"/,
      ],
      ['names an unknown setting', { colour: true, transports: [{ to: 'stdout' }] }, /"colour"/],
      [
        'forgets the path of a file',
        { transports: [{ to: 'stdout' }, { to: 'file' }] },
        /transports 1 path: /,
      ],
      [
        'has a file in a folder that is not there',
        { transports: [{ to: 'file', path: '/nowhere/x' }] },
        /\/nowhere\/x: cannot be opened \(ENOENT\)/,
      ],
    ] as const) {
      it(`is refused with a readable problem if the file ${name}`, () => {
        expect(() => logTo({ configFile: configFile(config) })).to.throw(LoggingConfigError, problem);
      });
    }

    it('is refused with a readable problem if the file is missing', () => {
      expect(() => logTo({ configFile: join(folder, 'none.json') })).to.throw(
        /none\.json: cannot be read \(ENOENT\)/,
      );
    });

    it('reports all problems of the file at once', () => {
      const file = configFile({ level: 'loud', transports: [{ to: 'socket' }] });
      expect(() => logTo({ configFile: file })).to.throw(/level: [^\n]+\n.*transports 0 to: /);
    });
  });

  describe('under a slow reader', () => {
    /** Reads nothing until it is told to, then one chunk. */
    const slowReader = () => {
      let take = (_error?: Error) => {};
      const stream = new Writable({
        decodeStrings: false,
        highWaterMark: 1,
        write: (_chunk, _encoding, done) => {
          take = done;
        },
      });
      return { stream, take: (error?: Error) => take(error) };
    };
    const bounded = (target: Writable) => {
      const told: number[] = [];
      let lost = 0;
      const { stream } = boundedOutput(target, { lost: () => (lost += 1), over: lines => told.push(lines) });
      return { stream, told, lost: () => lost };
    };
    const line = `${'x'.repeat(1023)}\n`;
    const soon = () => new Promise(setImmediate);

    it('keeps a bounded number of bytes, and reports how many lines it lost once those are read', async () => {
      const slow = slowReader();
      const { stream, told, lost } = bounded(slow.stream);
      for (let n = 0; n < 2048; n += 1) stream.write(line);
      expect(slow.stream.writableLength).to.be.within(WAITING_BYTES_MAX, WAITING_BYTES_MAX + line.length);
      expect({ lost: lost(), told }).to.deep.equal({ lost: 2048 - 1025, told: [] });

      while (slow.stream.writableLength > 0) {
        slow.take();
        await soon();
      }
      expect(told).to.deep.equal([2048 - 1025]);
    });

    it('reports losses, but rarely, to a reader that is always behind', async () => {
      const slow = slowReader();
      const { stream, told, lost } = bounded(slow.stream);
      for (let n = 0; n < 4_096; n += 1) {
        stream.write(line);
        if (n > 1_100 && n % 2 === 0) slow.take(); // half as fast, then
        await soon();
      }
      for (let n = 0; n < 1_025; n += 1) {
        slow.take();
        stream.write(n % 4 === 0 ? line : '');
        await soon();
      }
      expect(slow.stream.writableLength, 'it is never empty').to.be.above(0);
      expect(told).to.deep.equal([lost()]);
    });

    it('counts the lines that a reader did not read before it went away', async () => {
      const slow = slowReader();
      const { stream, told, lost } = bounded(slow.stream);
      for (let n = 0; n < 10; n += 1) stream.write(line);
      slow.take(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      await soon();
      expect({ lost: lost(), told }).to.deep.equal({ lost: 10, told: [] });
    });

    it('does not block on a real pipe that nobody reads', async () => {
      const flood = spawn(process.execPath, [join(import.meta.dirname, '../support/log-flood.ts')]);
      const [told] = await once(flood.stderr.setEncoding('utf8'), 'data');
      expect(JSON.parse(told).waitingBytes).to.be.within(WAITING_BYTES_MAX, WAITING_BYTES_MAX * 1.1);

      const lines = (await text(flood.stdout))
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      const { message, lines: linesLost } = lines.at(-1);
      expect(message).to.equal('log lines were lost: they could not be written');
      expect(lines.length - 1 + linesLost).to.equal(40_000);
    });

    it('survives a reader that goes away', async () => {
      const flood = spawn(process.execPath, [join(import.meta.dirname, '../support/log-flood.ts')]);
      flood.stdout.destroy();
      const [code] = await once(flood, 'exit');
      expect(code).to.equal(0);
    });

    it('survives a full disk', async () => {
      const full = openSync('/dev/full', 'w');
      const flood = spawn(process.execPath, [join(import.meta.dirname, '../support/log-flood.ts')], {
        stdio: ['ignore', full, 'pipe'],
      });
      const [[code], told] = await Promise.all([once(flood, 'exit'), text(flood.stderr as Readable)]);
      closeSync(full);
      expect(code).to.equal(0);
      expect(JSON.parse(told)).to.include({ waitingBytes: 0, linesLost: 40_000 });
    });

    it('flushes what was written, but does not wait for a stuck reader', async () => {
      const { log, stdout } = logTo('prod');
      log.info('last words');
      await log.flush();
      expect(stdout.lines()).to.have.length(1);

      const stuck = new Writable({ write: () => {} });
      const output = boundedOutput(stuck, { lost: () => {}, over: () => {} });
      output.stream.write('x');
      await output.flush();
      expect(stuck.writableLength).to.equal(1);
    });
  });

  describe('and secrets', () => {
    it('removes user, password and query from every URL, even inside the messages of libraries', () => {
      for (const type of ['dev', 'prod'] as const) {
        const { log, stdout } = logTo(type, { enableTracing: true });
        log.error('cannot reach postgres://me:s3cret@host/db?password=s3cret', {
          url: 'https://u:s3cret@h/?token=s3cret',
        });
        log.warn('odd', { error: new Error('at https://u:s3cret@h') });
        log.check(
          aCheck({
            url: 'https://u:s3cret@example.org/a?token=s3cret',
            verdict: { ...DOWN, detail: 'http://x/?s3cret' },
          }),
        );
        expect(stdout.lines().join('\n')).to.include('host/db').and.not.include('s3cret');
      }
    });

    for (const [dsn, shown] of [
      [
        'postgres://me:s3cret@db.internal:6432/monitor?sslmode=require&password=x',
        'postgres://db.internal:6432/monitor',
      ],
      ['postgresql://[::1]/monitor', 'postgres://[::1]/monitor'],
      ['postgres://me:s3cret@/monitor?host=/run/postgresql', 'postgres:///run/postgresql/monitor'],
      ['not a DSN with s3cret', 'postgres://…'],
    ] as const) {
      it(`shows a DSN as ${shown}`, () => expect(redactDsn(dsn)).to.equal(shown));
    }
  });
});

describe('checkLine', () => {
  it('shows time, outcome, status, total, phases and URL', () => {
    expect(checkLine(aCheck())).to.equal(
      '00:00:00 ✓ 200     44 ms  dns 1.2  connect 9.8  tls 20   ttfb 12   transfer 0.1   https://example.org/',
    );
  });

  it('ends with the pattern’s result, or with cause and detail', () => {
    expect(checkLine(aCheck({ match: { kind: 'found' } }))).to.match(/example\.org\/ +matched$/);
    expect(checkLine(aCheck({ verdict: DOWN }))).to.match(
      / ✗ .* connect_refused: connect ECONNREFUSED 127\.0\.0\.1:9$/,
    );
    const verdict = { outcome: 'unknown', cause: 'regex_timeout', detail: 'took too long' } as const;
    expect(checkLine(aCheck({ verdict }))).to.match(/ \? .* regex_timeout: took too long$/);
  });

  it('keeps its columns if status and phases are missing', () => {
    const phases = {
      dnsUs: 2_000_000,
      connectUs: null,
      tlsUs: null,
      ttfbUs: null,
      transferUs: null,
      totalUs: 10_000_000,
    };
    const line = checkLine(aCheck({ verdict: DOWN, httpStatus: null, phases }));
    expect(line).to.include(
      ' ✗ -    10000 ms  dns 2000 connect -    tls -    ttfb -    transfer -     https://',
    );
    expect(line.indexOf('https://')).to.equal(checkLine(aCheck()).indexOf('https://'));
  });

  it('cuts a long URL and removes its secrets', () => {
    expect(checkLine(aCheck({ url: `https://example.org/${'a'.repeat(200)}` }))).to.match(
      /https:\/\/.{71}…$/,
    );
    expect(checkLine(aCheck({ url: 'https://example.org/?token=s3cret' }))).to.match(
      / https:\/\/example\.org\/\?…$/,
    );
  });

  for (const [what, check] of [
    ['up', aCheck()],
    ['up with a long URL', aCheck({ url: `https://example.org/${'a'.repeat(200)}` })],
    ['up and matched', aCheck({ match: { kind: 'found' } })],
    ['down', aCheck({ verdict: DOWN, url: 'https://a-rather-long-name.example.org/health' })],
  ] as const)
    it(`fits a terminal of 80 columns, without the phases: ${what}`, () => {
      const line = checkLine(check, 80);
      expect(line).to.match(/^00:00:00 [✓✗] 200 {5}44 ms {2}https:\/\//);
      expect(line).to.have.length.at.most(80);
    });

  it('shows on a narrow terminal where a check went and what came of it', () => {
    expect(checkLine(aCheck({ verdict: DOWN }), 80)).to.equal(
      '00:00:00 ✗ 200     44 ms  https://example.org/         connect_refused: connect…',
    );
  });

  it('shows everything where it fits', () => {
    expect(checkLine(aCheck(), 120)).to.equal(checkLine(aCheck()));
  });
});
