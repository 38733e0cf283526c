import type { Secrets } from '../checking/ports.ts';
import type { Command, Config } from '../config/parse-config.ts';
import { explainTrouble } from './explain-trouble.ts';
import { createScreen, type Screen } from './screen.ts';

/** What a command works with. */
export interface Work {
  readonly config: Config;
  readonly screen: Screen;
  readonly secrets: Secrets;
  /** Of the bundled server, should no DSN be given */
  readonly dataFolder: string;
}

/** @returns the exit code */
export type Run = (work: Work) => Promise<number>;

/** Loaded when they are asked for: the service starts without them, and they without each other. */
const COMMANDS: Readonly<Record<Exclude<Command, 'run' | 'migrate'>, () => Promise<Run>>> = {
  check: async () => {
    const { check } = await import('./check.ts');
    return ({ config, secrets, screen }) => check(config, secrets, screen.print, screen.isColoured);
  },
  'targets add': async () => (await import('./targets/add.ts')).addTargetsNamed,
  'targets list': async () => (await import('./targets/list.ts')).list,
  'targets remove': async () => (await import('./targets/edit.ts')).remove,
  'targets enable': async () => (await import('./targets/edit.ts')).enable,
  'targets disable': async () => (await import('./targets/edit.ts')).disable,
  'targets import': async () => (await import('./targets/import.ts')).importFile,
  'targets export': async () => (await import('./targets/export.ts')).exportFile,
  status: async () => (await import('./status.ts')).status,
  tail: async () => (await import('./tail.ts')).tail,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

/** Runs a command to its end: trouble becomes one line on stderr, and the exit code 1. */
export async function runCommand(
  command: keyof typeof COMMANDS,
  work: Omit<Work, 'screen'>,
): Promise<number> {
  const screen = createScreen(process.stdout, process.stderr);
  try {
    const run = await COMMANDS[command]();
    return await run({ ...work, screen });
  } catch (error) {
    screen.tell(`website-monitor: ${explainTrouble(error)}`);
    return 1;
  } finally {
    screen.settle();
  }
}
