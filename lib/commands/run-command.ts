import type { ParsedCommand } from '../config/parse-config.ts';
import type { Environment } from '../config/sources.ts';
import { explainTrouble } from './explain-trouble.ts';
import { createScreen } from './screen.ts';
import type { CommandName, Run } from './work.ts';

/** Loads commands on demand: neither the service nor another command loads them. */
const COMMANDS: { readonly [C in CommandName]: () => Promise<Run<C>> } = {
  check: async () => (await import('./check.ts')).check,
  'targets add': async () => (await import('./targets/add.ts')).addTargetsNamed,
  'targets list': async () => (await import('./targets/list.ts')).list,
  'targets show': async () => (await import('./targets/show.ts')).show,
  'targets remove': async () => (await import('./targets/edit.ts')).remove,
  'targets enable': async () => (await import('./targets/edit.ts')).enable,
  'targets disable': async () => (await import('./targets/edit.ts')).disable,
  'targets import': async () => (await import('./targets/import.ts')).importFile,
  'targets export': async () => (await import('./targets/export.ts')).exportFile,
  'channels add': async () => (await import('./channels/edit.ts')).add,
  'channels list': async () => (await import('./channels/list.ts')).list,
  'channels show': async () => (await import('./channels/show.ts')).show,
  'channels test': async () => (await import('./channels/test.ts')).test,
  'channels edit': async () => (await import('./channels/edit.ts')).edit,
  'channels enable': async () => (await import('./channels/switch.ts')).enable,
  'channels disable': async () => (await import('./channels/switch.ts')).disable,
  'channels remove': async () => (await import('./channels/switch.ts')).remove,
  'channels resend': async () => (await import('./channels/switch.ts')).resend,
  'alerts list': async () => (await import('./alerts/list.ts')).list,
  'alerts show': async () => (await import('./alerts/show.ts')).show,
  'alerts acknowledge': async () => (await import('./alerts/acknowledge.ts')).acknowledge,
  'silences add': async () => (await import('./silences/add.ts')).addSilenceNamed,
  'silences list': async () => (await import('./silences/list.ts')).listSilencesToCome,
  'silences end': async () => (await import('./silences/end.ts')).endSilencesNamed,
  'maintenance add': async () => (await import('./silences/add.ts')).addMaintenance,
  'maintenance list': async () => (await import('./silences/list.ts')).listMaintenance,
  'maintenance end': async () => (await import('./silences/end.ts')).endMaintenance,
  status: async () => (await import('./status.ts')).status,
  workers: async () => (await import('./workers.ts')).workers,
  tail: async () => (await import('./tail.ts')).tail,
  sql: async () => (await import('./sql.ts')).sql,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

/**
 * Runs a command. An error becomes one line on stderr.
 *
 * @returns the command's exit code, or 1 after an error
 */
export async function runCommand<C extends CommandName>(
  { kind, config }: ParsedCommand<C>,
  environment: Environment,
): Promise<number> {
  const screen = createScreen(process.stdout, process.stderr);
  try {
    const run = await COMMANDS[kind]();
    return await run({ config, screen, environment });
  } catch (error) {
    screen.tell(`website-monitor: ${explainTrouble(error)}`);
    return 1;
  } finally {
    screen.settle();
  }
}
