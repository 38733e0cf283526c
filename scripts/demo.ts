import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopSignal } from '../lib/app/process/stop-signal.ts';
import { startBundledServer } from '../lib/bundled-postgres/bundled-server.ts';
import { describeError } from '../lib/postgres/error-codes.ts';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { runDemo } from './demo/run-demo.ts';
import { plainScreen, terminalScreen } from './demo/screen.ts';
import { settingsOrExit, wholeRange } from './support/flags.ts';
import { MOCK_SERVER_DEFAULTS, startMockServer } from './support/mock-server.ts';

const PURPOSE =
  'The service at work: it checks a mock website, on a PostgreSQL of its own that is gone afterwards.';
const { fastPercent, slowMs } = MOCK_SERVER_DEFAULTS;

const settings = settingsOrExit(PURPOSE, {
  count: { rule: wholeNumber(1, 100_000), fallback: '200', meaning: 'targets' },
  'interval-s': { rule: wholeRange(1, 86_400), fallback: '5-300', meaning: 'seconds between two checks' },
  'fast-percent': {
    rule: wholeNumber(0, 100),
    fallback: String(fastPercent),
    meaning: `how many of 100 answers are fast; others take ${slowMs.min / 1_000}-${slowMs.max / 1_000} s`,
  },
  'show-every-s': {
    rule: wholeNumber(1, 3_600),
    fallback: process.stdout.isTTY ? '1' : '5',
    meaning: 'seconds between two summaries',
  },
});

/** New for each demo: two can run at once, and the targets of an earlier one have lost their website. */
const dataFolder = join(tmpdir(), `website-monitor-demo-${process.pid}`);
const screen = process.stdout.isTTY ? terminalScreen(process.stdout) : plainScreen(process.stdout);

// Installed first: otherwise a Ctrl-C during startup would leave the database behind.
const stopAsked = stopSignal(() => {});
process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM')); // the terminal was closed
process.stdout.on('error', () => process.kill(process.pid, 'SIGTERM')); // the pipe was closed

process.exit((await demonstrate()) ? 0 : 1);

async function demonstrate(): Promise<boolean> {
  screen.say(`starting PostgreSQL in ${dataFolder}`);
  const website = await startMockServer({ port: 0, fastPercent: settings['fast-percent'] });
  try {
    const server = await startBundledServer({ dataFolder, durable: false });
    const targets = {
      count: settings.count,
      baseUrl: website.url,
      intervalSeconds: settings['interval-s'],
      seed: 1,
    };
    return await runDemo({
      dsn: server.dsn,
      targets,
      showEveryMs: settings['show-every-s'] * 1_000,
      screen,
      stopAsked,
    }).finally(server.stop);
  } catch (error) {
    screen.say(describeError(error));
    return false;
  } finally {
    await website.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
}
