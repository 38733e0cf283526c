import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describeWith } from '../support/debian.ts';
import { openStage, type Stage } from '../support/stage.ts';

const MAIN = join(import.meta.dirname, '../../lib/main.ts');

describeWith('script', 'A terminal', () => {
  let stage: Stage;
  /** Gives the worker a terminal, and shows us what is written to it. */
  let terminal: ChildProcessByStdio<null, Readable, null>;
  let shown: string;
  beforeEach(async () => {
    stage = await openStage();
    const worker = `"${process.execPath}" "${MAIN}" --enable-tracing --http-port off`;
    terminal = spawn('script', ['--quiet', '--flush', '--return', '--command', worker, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        WEBSITE_MONITOR_DSN: stage.ledger.dsn,
        WEBSITE_MONITOR_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8,::1',
      },
    });
    shown = '';
    terminal.stdout.setEncoding('utf8').on('data', text => {
      shown += text;
    });
  });
  afterEach(async () => {
    terminal.kill('SIGKILL'); // and with the terminal goes the worker
    await once(terminal, 'close');
    await stage.close();
  });

  it('that is not read, as after Ctrl-S, holds up no check', async () => {
    const { ledger, website } = stage;
    await ledger.addTargets(website.origin, 50, '1 s');
    await ledger.until('SELECT count(*) > 0 FROM check_results');
    terminal.kill('SIGSTOP');
    const [before] = await ledger.rows<{ count: string }>('SELECT count(*) FROM check_results');
    // A terminal keeps some 4 KiB: 20 checks fill it.
    await ledger.until('SELECT count(*) > $1 FROM check_results', [Number(before?.count) + 300]);
    const shownBefore = shown;
    terminal.kill('SIGCONT');
    while (!/✓ 200/.test(shown.slice(shownBefore.length))) await once(terminal.stdout, 'data');
  });
});
