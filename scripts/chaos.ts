import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { describeError } from '../lib/postgres/error-codes.ts';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { figuresTable, recoveryTable } from './chaos/report.ts';
import { runChaos } from './chaos/run-chaos.ts';
import { settingsOrExit, wholeRange } from './support/flags.ts';

const PURPOSE =
  'Injects random faults into workers, their PostgreSQL and the receiver of alerts, then checks that no slot or alert was lost or came twice.';

const says = 'must be minutes from 0.1 to 1440, as in 3 or 0.5';
const minutes = z
  .string()
  .regex(/^\d{1,4}(\.\d{1,2})?$/, says)
  .transform(Number)
  .refine(value => value >= 0.1 && value <= 1_440, says);

const settings = settingsOrExit(PURPOSE, {
  minutes: { rule: minutes, fallback: '3', meaning: 'how long to inject faults' },
  seed: {
    rule: wholeNumber(0, 2 ** 32 - 1),
    fallback: String(Date.now() % 10_000),
    meaning: 'repeats the faults of an earlier run; default: random',
  },
  workers: { rule: wholeNumber(1, 20), fallback: '3', meaning: 'worker processes that share the targets' },
  targets: { rule: wholeNumber(1, 100_000), fallback: '2000', meaning: 'websites; one in twenty is down' },
  'interval-s': { rule: wholeRange(2, 3_600), fallback: '2-30', meaning: 'seconds between two checks' },
  logs: { rule: z.string(), fallback: '', meaning: 'folder for the workers’ logs; default: not kept' },
});

/** Exit codes: every promise was kept, one was broken, or the run ended before the audit. */
const EXIT = { kept: 0, broken: 1, interrupted: 130 } as const;

const startedMs = performance.now();
const say = (line: string): void =>
  console.log(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`);

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());

process.exit(await createChaos());

async function createChaos(): Promise<number> {
  const { seed, workers, targets, logs } = settings;
  const [node, cores] = [process.version, navigator.hardwareConcurrency];
  say(
    `${new Date().toISOString()}, seed ${seed}: ${workers} workers, ${targets} targets, ${settings.minutes} minutes, Node ${node}, ${cores} cores`,
  );
  if (logs !== '') await mkdir(logs, { recursive: true });
  try {
    const { audit, alerts, survived, websiteStalledMs, breaches, examples } = await runChaos({
      seed,
      durationMs: settings.minutes * 60_000,
      workers,
      targets,
      intervalSeconds: settings['interval-s'],
      folder: join(tmpdir(), `website-monitor-chaos-${process.pid}`),
      logFolder: logs === '' ? null : logs,
      say,
      interrupted: interruption.signal,
    });
    for (const { trouble, example } of examples) console.log(`${trouble}: ${example}`);
    console.log(`\n${figuresTable(audit, alerts)}\n\n${recoveryTable(survived)}\n`);
    console.log(`The test website stalled for at most ${websiteStalledMs.toFixed(0)} ms.`);
    console.log(breaches.length === 0 ? 'No promise was broken.' : `BROKEN:\n${breaches.join('\n')}`);
    return breaches.length === 0 ? EXIT.kept : EXIT.broken;
  } catch (error) {
    if (interruption.signal.aborted) {
      say('interrupted: stopped and removed everything');
      return EXIT.interrupted;
    }
    say(describeError(error));
    return EXIT.broken;
  }
}
