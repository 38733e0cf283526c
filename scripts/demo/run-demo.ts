import { exhaustMap, interval } from 'rxjs';
import { openDatabase } from '../../lib/app/open-database.ts';
import { runUntilStopped } from '../../lib/app/process/run-until-stopped.ts';
import type { StopSignal } from '../../lib/app/process/stop-signal.ts';
import { startService } from '../../lib/app/service.ts';
import type { ConfigOf } from '../../lib/config/commands.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { connectDatabase } from '../../lib/postgres/database.ts';
import { type TargetsSettings, targetsScript } from '../support/targets-script.ts';
import { type Screen, screenLog } from './screen.ts';
import { readSummary } from './summary.ts';

export interface DemoSettings {
  readonly dsn: string;
  readonly targets: TargetsSettings;
  readonly showEveryMs: number;
  readonly screen: Screen;
  readonly stopAsked: Promise<StopSignal>;
}

/** A short grace: some answers of the mock website take half a minute, not worth waiting for at Ctrl-C. */
const FLAGS = ['--http-port=0', '--shutdown-grace=3', '--allow-private-targets=127.0.0.0/8,::1'];

/** Period of the rate and the lag */
const WINDOW_SECONDS = 10;

/** Runs the service on its own targets, and shows the results until a signal. */
export async function runDemo({ dsn, targets, showEveryMs, screen, stopAsked }: DemoSettings) {
  const config = demoConfig();
  const log = screenLog(screen);
  const ofService = openDatabase(config, dsn);
  const service = await startService(config, { database: ofService, dsn, log });
  if (!(await service.started)) await service.ended;
  const database = connectDatabase({ dsn, poolSize: 1, applicationName: 'demo' });
  await database.query([...targetsScript(targets)].join(''));
  screen.say(`${targets.count} targets under ${targets.baseUrl}, metrics at ${service.httpUrl}/metrics`);
  screen.say('Ctrl-C stops');

  const show = async (): Promise<void> =>
    screen.show(await readSummary(database, WINDOW_SECONDS), service.unrecordedCount());
  const showing = interval(showEveryMs)
    .pipe(exhaustMap(() => show().catch(() => {}))) // of a database that went away the log tells
    .subscribe();

  const isWell = await runUntilStopped(service, stopAsked, config.shutdownGraceMs, log);
  showing.unsubscribe();
  await show();
  await service.close();
  await Promise.all([ofService.close(), database.close()]);
  return isWell;
}

/** Ignores the environment, so that the demo is the same everywhere. */
function demoConfig(): ConfigOf<'run'> {
  const parsed = parseConfig(FLAGS, {}, { isTerminal: true, randomUuid: 'demo' });
  if (parsed.kind !== 'run') throw new Error('the demo passes flags that the service does not take');
  return parsed.config;
}
