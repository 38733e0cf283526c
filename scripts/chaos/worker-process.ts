import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../../lib/main.ts');
const LAST_LINES = 5;

export interface WorkerProcessSettings {
  readonly name: string;
  readonly dsn: string;
  readonly listenDsn: string;
  readonly flags: readonly string[];
  /** Receives its output; null = discarded */
  readonly logFile: string | null;
}

/** Runs `lib/main.ts` in a child process, on the same Node. */
export interface WorkerProcess {
  /** The worker's name in the service's tables */
  readonly name: string;
  /** According to its latest log line about it */
  readonly isListening: () => boolean;
  readonly lastLines: () => readonly string[];
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Its exit code, or the signal that ended it */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export function startWorkerProcess(settings: WorkerProcessSettings): WorkerProcess {
  const { name, dsn, listenDsn, flags, logFile } = settings;
  const child = spawn(
    process.execPath,
    [MAIN, `--worker-id=${name}`, '--http-port=off', '--logging-type=prod', ...flags],
    {
      cwd: tmpdir(), // a folder without a .env
      env: { PATH: process.env.PATH, WEBSITE_MONITOR_DSN: dsn, WEBSITE_MONITOR_LISTEN_DSN: listenDsn },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log = logFile === null ? null : createWriteStream(logFile);
  let lastLines: readonly string[] = [];
  let isListening = false;
  for (const output of [child.stdout, child.stderr])
    createInterface(output).on('line', line => {
      log?.write(`${line}\n`);
      lastLines = [...lastLines, line].slice(-LAST_LINES);
      if (line.includes('"message":"listening for changes"')) isListening = true;
      if (/"message":"LISTEN (is down|does not work)/.test(line)) isListening = false;
    });

  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
    process.off('exit', killWithUs);
    log?.end();
    return code ?? signal ?? 0;
  });
  return {
    name,
    isListening: () => isListening,
    lastLines: () => lastLines,
    signal: signal => void child.kill(signal),
    ended,
  };
}
