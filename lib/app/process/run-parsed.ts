import { commandHelp, helpText } from '../../config/help.ts';
import type { Parsed } from '../../config/parse-config.ts';
import type { Environment } from '../../config/sources.ts';
import type { Websites } from '../../config/websites.ts';
import { EXIT } from './exit-codes.ts';
import { version } from './version.ts';

/**
 * Does what the command line asks for. Each branch loads only what it runs, so a command starts in half the time.
 *
 * @returns the exit code
 */
export async function runParsed(parsed: Parsed, environment: Environment): Promise<number> {
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(parsed.of === undefined ? helpText() : commandHelp(parsed.of));
      return EXIT.asAsked;
    case 'version':
      process.stdout.write(`${version()}\n`);
      return EXIT.asAsked;
    case 'invalid':
      return refuse(parsed.problems);
  }
  const problem = 'websites' in parsed.config ? await patternProblem(parsed.config.websites) : null;
  if (problem !== null) return refuse([problem]);
  switch (parsed.kind) {
    case 'run': {
      const [{ runLogged }, { runService }, { stopSignal }] = await Promise.all([
        import('./run-logged.ts'),
        import('./run-service.ts'),
        import('./stop-signal.ts'),
      ]);
      return runLogged(parsed.config, log => {
        const stopAsked = stopSignal(signal => log.warn(`${signal} again: exiting at once`));
        return runService(parsed.config, environment, log, stopAsked);
      });
    }
    case 'migrate': {
      const [{ runLogged }, { runMigrate }] = await Promise.all([
        import('./run-logged.ts'),
        import('./run-migrate.ts'),
      ]);
      return runLogged(parsed.config, log => runMigrate(parsed.config, environment, log));
    }
    default: {
      const { runCommand } = await import('../../commands/run-command.ts');
      return runCommand(parsed, environment);
    }
  }
}

function refuse(problems: readonly string[]): number {
  process.stderr.write(problems.map(problem => `website-monitor: ${problem}\n`).join(''));
  return EXIT.wrongConfiguration;
}

/** What is wrong with the pattern, reported while the user is still there to read it. */
async function patternProblem({ draft }: Websites): Promise<string | null> {
  if (!draft.pattern) return null;
  const { search } = await import('../../matching/search.ts');
  const match = search(draft.pattern.text, '');
  if (match.kind !== 'invalid') return null;
  const flag = draft.pattern.mustMatch ? '--match' : '--must-not-match';
  return `${flag}: must be a pattern that RE2 accepts: ${match.detail}`;
}
