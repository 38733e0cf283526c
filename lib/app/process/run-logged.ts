import { createLog, type Log, type LogOptions } from '../../log/create-log.ts';
import { describeError } from '../../postgres/error-codes.ts';
import { EXIT } from './exit-codes.ts';

/**
 * Runs work that writes to the log, and makes the process's exit code of its end. Trouble is
 * the log's last line.
 *
 * @param work resolves with whether all went well
 */
export async function runLogged(options: LogOptions, work: (log: Log) => Promise<boolean>): Promise<number> {
  let log: Log;
  try {
    log = createLog(options);
  } catch (error) {
    process.stderr.write(`website-monitor: ${describeError(error)}\n`);
    return EXIT.wrongConfiguration;
  }
  const endWith = async (exitCode: number): Promise<number> => {
    await log.flush();
    return exitCode;
  };
  process.on('uncaughtException', async error => {
    log.error('unexpected error; exiting', { error });
    process.exit(await endWith(EXIT.trouble)); // the state that it left behind cannot be trusted
  });
  try {
    return await endWith((await work(log)) ? EXIT.asAsked : EXIT.trouble);
  } catch (error) {
    log.error(describeError(error));
    return endWith(EXIT.trouble);
  }
}
