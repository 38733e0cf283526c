import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { terminalScreen } from '../../scripts/demo/screen.ts';
import { type Summary, summaryLine, summaryLines } from '../../scripts/demo/summary.ts';
import { type RunningScript, runScript, startScript } from '../support/run-script.ts';

const SUMMARY: Summary = {
  checks: 412,
  checks_per_second: 3.14,
  up: 180,
  down: 18,
  unknown: 2,
  unchecked: 0,
  lag_p50_ms: 3.21,
  lag_p99_ms: 45.6,
  slots_missed: 0,
  slowest: [
    {
      url: 'http://127.0.0.1:1/target/7',
      outcome: 'down',
      cause: 'response_timeout',
      totalMs: 10_002.4,
    },
    { url: 'http://127.0.0.1:1/target/3', outcome: 'up', cause: null, totalMs: 499.9 },
  ],
};

describe('npm run demo', () => {
  const running: RunningScript[] = [];
  afterEach(() => {
    for (const demo of running.splice(0)) demo.kill('SIGKILL'); // alive only where a spec failed
  });

  const start = (...flags: string[]): RunningScript => {
    const demo = startScript('demo.ts', ...flags);
    running.push(demo);
    return demo;
  };

  const dataFolderIn = (line: string): string => line.replace('starting PostgreSQL in ', '');

  it('checks its own targets, shows the results, and leaves nothing behind', async () => {
    const demo = start('--count=3', '--interval-s=1-1', '--fast-percent=100', '--show-every-s=1');
    const summary = await demo.lineLike(/ 3 up, /);
    expect(summary).to.match(
      /^\d+ recorded, \d+\.\d a second · 3 up, 0 down, 0 unknown · lag p50 [\d.]+ ms, p99 [\d.]+ ms · \d+ slots missed · \d+ in flight · slowest [\d.]+ ms up http:\/\/127\.0\.0\.1:\d+\/target\/[123]$/,
    );
    const dataFolder = dataFolderIn(await demo.lineLike(/^starting PostgreSQL in /));
    expect(existsSync(dataFolder)).to.equal(true);

    demo.kill('SIGINT');
    expect(await demo.exited).to.equal(0);
    expect(demo.lines).to.include('stopped: everything is recorded');
    expect(demo.lines.at(-1)).to.match(/^\d+ recorded, /);
    expect(demo.stderr()).to.equal('');
    expect(existsSync(dataFolder)).to.equal(false);
  });

  it('heeds a Ctrl-C that comes while it starts', async () => {
    const demo = start('--count=1');
    const dataFolder = dataFolderIn(await demo.lineLike(/^starting PostgreSQL in /));
    demo.kill('SIGINT');
    expect(await demo.exited).to.equal(0);
    expect(demo.lines).to.include('stopped: everything is recorded');
    expect(existsSync(dataFolder)).to.equal(false);
  });

  it('names every problem of its flags, by name and rule, and exits with 2', async () => {
    expect(await runScript('demo.ts', '--count=0', '--interval-s=9', '--speed=2')).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: `--speed: no such flag; see --help
--count: must be a whole number from 1 to 100000
--interval-s: must be two whole numbers from 1 to 86400, the smaller first, as in 5-500
`,
    });
  });
});

describe('the summary of the demo', () => {
  it('is one line for a file or a pipe', () => {
    expect(summaryLine(SUMMARY, 14)).to.equal(
      '412 recorded, 3.1 a second · 180 up, 18 down, 2 unknown · lag p50 3.2 ms, p99 46 ms · 0 slots missed' +
        ' · 14 in flight · slowest 10002 ms down (response_timeout) http://127.0.0.1:1/target/7',
    );
  });

  it('is a line for each subject on a terminal', () => {
    expect(summaryLines(SUMMARY, 14)).to.deep.equal([
      'checks    412 recorded, 3.1 a second',
      'targets   180 up, 18 down, 2 unknown',
      'schedule  lag p50 3.2 ms, p99 46 ms, 0 slots missed',
      'in flight 14 (running, or waiting to be recorded)',
      'slowest   10002 ms down (response_timeout) http://127.0.0.1:1/target/7',
      '          500 ms up http://127.0.0.1:1/target/3',
    ]);
  });

  it('says what it cannot know yet', () => {
    const atStart = { ...SUMMARY, up: 0, unchecked: 200, lag_p50_ms: null, lag_p99_ms: null, slowest: [] };
    expect(summaryLine(atStart, 0))
      .to.include('200 not checked yet · lag p50 –, p99 –')
      .and.not.include('slowest');
  });

  it('is redrawn in place, cut to the width, below what was said', () => {
    const written: string[] = [];
    const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    const screen = terminalScreen({ columns: 11, write });
    screen.show({ ...SUMMARY, slowest: [] }, 14);
    screen.say('said');
    screen.show({ ...SUMMARY, slowest: [] }, 14);
    const summary = 'checks    \ntargets   \nschedule  \nin flight \n';
    expect(written).to.deep.equal([
      `\x1b[J${summary}`,
      `\x1b[4A\x1b[Jsaid\n${summary}`,
      `\x1b[4A\x1b[J${summary}`,
    ]);
  });
});
