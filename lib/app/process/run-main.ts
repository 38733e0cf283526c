import { randomUUID } from 'node:crypto';
import { parseConfig } from '../../config/parse-config.ts';
import { mergeEnvironment } from '../../config/sources.ts';
import { EXIT } from './exit-codes.ts';
import { readDotEnv } from './read-dot-env.ts';
import { runParsed } from './run-parsed.ts';

/**
 * Runs a command line to its end, and leaves its exit code in the process.
 *
 * @param processEnvironment also receives what `.env` says to OpenTelemetry's exporters, which read it by themselves
 */
export async function runMain(argv: readonly string[], processEnvironment: NodeJS.ProcessEnv): Promise<void> {
  const dotEnv = readDotEnv('.env');
  if ('problem' in dotEnv) {
    process.stderr.write(`website-monitor: ${dotEnv.problem}\n`);
    process.exitCode = EXIT.wrongConfiguration;
    return;
  }
  const environment = mergeEnvironment(dotEnv.text, processEnvironment);
  for (const [name, text] of Object.entries(environment))
    if (name.startsWith('OTEL_')) processEnvironment[name] = text;

  const parsed = parseConfig(argv, environment, {
    isTerminal: process.stdout.isTTY === true,
    randomUuid: randomUUID(),
  });
  process.exitCode = await runParsed(parsed, environment);
  // What a pipe has not taken yet would be cut off, so only where a connection may never close.
  if (parsed.kind === 'run' || parsed.kind === 'migrate') process.exit();
}
