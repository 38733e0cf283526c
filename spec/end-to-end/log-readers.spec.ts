import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { WAITING_BYTES_MAX } from '../../lib/log/outputs.ts';
import { type LogReader, startLogReader } from '../support/log-reader.ts';
import { type MainProcess, startWorker } from '../support/main-process.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Of the pipe, and of the reader itself, beside what the worker keeps */
const BUFFERS_BYTES_MAX = 256 * 1024;
const LOST = /^log lines were lost/;

/** So that each line has about a kilobyte */
const LONG_PATH = 'x'.repeat(450);

describe('A reader of the log', () => {
  let folder: string;
  let stage: Stage;
  let reader: LogReader;
  let worker: MainProcess;
  beforeEach(async () => {
    folder = await temporaryFolder();
    stage = await openStage();
    reader = await startLogReader(folder);
    // Each check is a line.
    worker = await startWorker(
      stage.ledger.dsn,
      ['--http-port=0', '--enable-tracing', '--shutdown-grace=10'],
      {},
      reader,
    );
    await stage.ledger.addTargets(`${stage.website.origin}/${LONG_PATH}`, 300, '1 s');
    await worker.logged(/^check$/);
  });
  afterEach(async () => {
    await stage.close();
    await reader.close();
    await rm(folder, { recursive: true });
  });

  const linesLost = async (): Promise<number> =>
    Number(/^website_monitor_log_lines_lost_total (\d+)$/m.exec(await worker.get('/metrics'))?.[1]);
  const checksMade = async (): Promise<number> =>
    Number((await stage.ledger.rows<{ count: string }>('SELECT count(*) FROM check_results'))[0]?.count);
  const checksMore = async (more: number): Promise<void> =>
    stage.ledger.until('SELECT count(*) >= $1 FROM check_results', [(await checksMade()) + more]);
  const untilLost = async (lines: number): Promise<void> => {
    while ((await linesLost()) < lines) await checksMore(100); // metrics are a second old at most
  };
  const stopped = async () => {
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(
      await stage.ledger.rows('SELECT FROM lease_batches WHERE expires_at > clock_timestamp()'),
    ).to.deep.equal([]);
    expect(await stage.ledger.imbalance()).to.deep.equal([]);
    expect(await stage.ledger.rows("SELECT FROM check_results WHERE outcome <> 'up'")).to.deep.equal([]);
  };

  it('may stop reading: checks continue, and lost lines are counted at once and reported when it reads again', async () => {
    reader.pause();
    const readBefore = worker.output().length;
    await untilLost(300);
    await checksMore(100);
    reader.resume();
    await worker.logged(LOST);

    const kept =
      worker
        .output()
        .slice(readBefore)
        .split(/^.*log lines were lost/m)[0] ?? '';
    expect(kept.length).to.be.within(WAITING_BYTES_MAX, WAITING_BYTES_MAX + BUFFERS_BYTES_MAX);
    const told = worker.log().filter(({ message }) => LOST.test(message));
    const lost = told.reduce((sum, { lines }) => sum + Number(lines), 0);
    await untilLost(lost);
    expect(await linesLost()).to.equal(lost);

    await stopped();
    const inTheLog = worker.log().filter(({ message }) => message === 'check').length;
    expect(inTheLog + lost, 'lines of checks that are there, or counted').to.be.at.least(await checksMade());
  }).timeout(60_000);

  it('may stop reading for good: a stop still records everything', async () => {
    reader.pause();
    await untilLost(1);
    await stopped();
  }).timeout(60_000);

  it('may go away: checks continue, and lines are counted as lost', async () => {
    await reader.leave();
    await untilLost(1);
    await checksMore(100);
    await stopped();
  }).timeout(60_000);
});
