#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exhaustMap, interval } from 'rxjs';
import { runUntilStopped } from './app/run-until-stopped.ts';
import { openDatabase, prepare, startService } from './app/service.ts';
import { stopSignal } from './app/stop-signal.ts';
import { type BundledServer, startBundledServer } from './bundled-postgres/bundled-server.ts';
import { defaultDataFolder } from './bundled-postgres/data-folder.ts';
import type { Secrets } from './checking/ports.ts';
import { type Command, type Config, parseConfig } from './config/parse-config.ts';
import { mergeEnvironment } from './config/sources.ts';
import { commandHelp, helpText } from './config/tables.ts';
import { redactDsn } from './domain/redact.ts';
import { createLog, type Log } from './log/create-log.ts';
import { search } from './matching/search.ts';
import { refusedWebsites } from './net/guard/refused-websites.ts';
import type { Database } from './postgres/database.ts';
import { describeError } from './postgres/error-codes.ts';
import { createSecrets } from './secrets/create-secrets.ts';
import { readTelemetrySettings, type TelemetrySettings } from './telemetry/settings.ts';

/** What the process ends with: as asked, with trouble that the log tells of, or by a wrong configuration. */
const EXIT = { asAsked: 0, trouble: 1, wrongConfiguration: 2 } as const;
const CLOSING_MS_MAX = 1_000;
const REVIVE_EVERY_MS = 2_000;

const dotEnv = existsSync('.env') ? readFileSync('.env', 'utf8') : '';
const parsed = parseConfig(process.argv.slice(2), process.env, {
  isTerminal: process.stdout.isTTY === true,
  randomUuid: randomUUID(),
  dotEnv,
});

switch (parsed.kind) {
  case 'help':
    process.stdout.write(parsed.of === undefined ? helpText() : commandHelp(parsed.of));
    break;
  case 'version':
    process.stdout.write(`${version()}\n`);
    break;
  case 'invalid':
    process.stderr.write(`${parsed.problems.map(problem => `website-monitor: ${problem}\n`).join('')}`);
    process.exitCode = EXIT.wrongConfiguration;
    break;
  case 'run':
  case 'migrate':
    process.exit(await runLogged(parsed.kind, parsed.config));
    break;
  default:
    process.exitCode = await runBeside(parsed.kind, parsed.config); // and not `exit`, which cuts off what a pipe has not taken
}

/** Says what is wrong with a pattern while somebody is there to read it. */
function refusePattern({ websites: { draft } }: Config): boolean {
  const match = draft.pattern && search(draft.pattern.text, '');
  if (match?.kind !== 'invalid') return false;
  const flag = draft.pattern?.mustMatch ? '--match' : '--must-not-match';
  process.stderr.write(`website-monitor: ${flag}: must be a pattern that RE2 takes: ${match.detail}\n`);
  return true;
}

function secretsOf({ secretsFolder }: Config): Secrets {
  return createSecrets({ environment: mergeEnvironment(dotEnv, process.env), folder: secretsFolder });
}

/** What is no part of the service is loaded only here. */
async function runBeside(command: Exclude<Command, 'run' | 'migrate'>, config: Config): Promise<number> {
  if (refusePattern(config)) return EXIT.wrongConfiguration;
  const { runCommand } = await import('./commands/run-command.ts');
  const dataFolder = config.dataFolder ?? defaultDataFolder(process.env.XDG_DATA_HOME);
  return runCommand(command, { config, secrets: secretsOf(config), dataFolder });
}

async function runLogged(command: 'run' | 'migrate', config: Config): Promise<number> {
  if (refusePattern(config)) return EXIT.wrongConfiguration;
  let log: Log;
  try {
    log = createLog(config);
  } catch (error) {
    process.stderr.write(`website-monitor: ${describeError(error)}\n`);
    return EXIT.wrongConfiguration;
  }
  const endWith = async (exitCode: number): Promise<number> => {
    await log.flush();
    return exitCode;
  };
  process.on('uncaughtException', async error => {
    log.error('unexpected error: the process ends, and its slots are taken over', { error });
    process.exit(await endWith(EXIT.trouble)); // whatever state it left behind is not to be trusted
  });
  try {
    const isWell = await run(command, config, log);
    return endWith(isWell ? EXIT.asAsked : EXIT.trouble);
  } catch (error) {
    log.error(describeError(error));
    return endWith(EXIT.trouble);
  }
}

async function run(command: 'run' | 'migrate', config: Config, log: Log): Promise<boolean> {
  const stopAsked = stopSignal(signal => log.warn(`${signal} again: ending at once`));
  const server = config.dsn === null ? await startOwnServer(config, log) : null;
  const dsn = config.dsn ?? server?.dsn ?? '';
  const database = openDatabase(config, dsn, log);
  try {
    if (command === 'migrate') return await migrateAlone(database, config, log);
    for (const { url, reason } of refusedWebsites(config.websites.urls, config.privateTargets))
      log.warn(`this website will not be checked: ${reason}`, { url });
    const service = await Promise.race([
      startService(config, dsn, log, {
        secrets: secretsOf(config),
        database,
        telemetry: { settings: telemetrySettings(log), version: version() },
      }),
      stopAsked.then(() => null),
    ]);
    if (service === null) return true; // asked to stop before it had started: nothing is leased yet
    log.info('website-monitor runs', {
      version: version(),
      database: redactDsn(dsn),
      ...(service.httpUrl && { metrics: `${service.httpUrl}/metrics` }),
    });
    const isRecorded = await runUntilStopped(service, stopAsked, config.shutdownGraceMs, log);
    await within(CLOSING_MS_MAX, service.close());
    return isRecorded;
  } finally {
    await within(CLOSING_MS_MAX, database.close()); // its sessions would keep the bundled server up
    await server?.stop();
  }
}

/** OpenTelemetry's exporters read the environment by themselves: they are to find there what `.env` says, too. */
function telemetrySettings(log: Log): TelemetrySettings | null {
  const environment = mergeEnvironment(dotEnv, process.env);
  const { settings, problems } = readTelemetrySettings(environment);
  for (const problem of problems) log.warn(problem);
  for (const [name, text] of Object.entries(environment))
    if (name.startsWith('OTEL_')) process.env[name] = text;
  return settings;
}

async function migrateAlone(database: Database, config: Config, log: Log): Promise<true> {
  await prepare(database, { ...config, migrate: true }, log);
  log.info('the schema is up to date');
  return true;
}

/** A connection to a database that is gone may never close. */
function within(durationMs: number, work: Promise<unknown>): Promise<unknown> {
  return Promise.race([work, new Promise(resolve => setTimeout(resolve, durationMs).unref())]);
}

async function startOwnServer(config: Config, log: Log): Promise<BundledServer> {
  const dataFolder = config.dataFolder ?? defaultDataFolder(process.env.XDG_DATA_HOME);
  log.info('no --dsn given: starting the bundled PostgreSQL', { dataFolder });
  const server = await startBundledServer({ dataFolder });
  const dsnFile = join(server.dataFolder, 'dsn');
  writeFileSync(dsnFile, `${server.dsn}\n`, { mode: 0o600 }); // it holds the password
  log.info('the bundled PostgreSQL is up', { connectWith: `psql "$(cat ${dsnFile})"` });
  const reviving = interval(REVIVE_EVERY_MS)
    .pipe(exhaustMap(() => server.revive().catch(error => log.error(describeError(error)))))
    .subscribe(wasGone => wasGone && log.warn('the bundled PostgreSQL was gone, and is up again'));
  const stop = (): Promise<void> => {
    reviving.unsubscribe();
    return server.stop();
  };
  return { ...server, stop };
}

/** From package.json, which is one folder up from the sources and two from the built files. */
function version(): string {
  const packageJson = ['../package.json', '../../package.json']
    .map(path => new URL(path, import.meta.url))
    .find(path => existsSync(path));
  return packageJson ? JSON.parse(readFileSync(packageJson, 'utf8')).version : 'unknown';
}
