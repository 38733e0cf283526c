import type { Command, ConfigOf } from '../config/commands.ts';
import type { Environment } from '../config/sources.ts';
import type { Screen } from './screen.ts';

/** A command other than the service itself. */
export type CommandName = Exclude<Command, 'run' | 'migrate'>;

/** What a command receives. */
export interface Work<C extends CommandName = CommandName> {
  readonly config: ConfigOf<C>;
  readonly screen: Screen;
  readonly environment: Environment;
}

/** @returns the exit code */
export type Run<C extends CommandName> = (work: Work<C>) => Promise<number>;
