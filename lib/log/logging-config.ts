import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeText } from '../files/decode-text.ts';

const level = z.enum(['error', 'warn', 'info', 'debug']);
const format = z.enum(['line', 'json']);

/** A transport's own level and format override the common ones. */
const own = { level: level.optional(), format: format.optional() };

const transport = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('stdout'), ...own }),
  z.strictObject({ to: z.literal('stderr'), ...own }),
  z.strictObject({ to: z.literal('file'), path: z.string().min(1), ...own }),
]);

const loggingConfig = z.strictObject({
  level: level.default('info'),
  format: format.default('json'),
  transports: z.array(transport).min(1),
});

export type LoggingConfig = z.output<typeof loggingConfig>;
export type Transport = z.output<typeof transport>;

/** The logging config file cannot be used. `message` has one line per problem. */
export class LoggingConfigError extends Error {
  override readonly name = 'LoggingConfigError';
}

/**
 * Reads the file of `--logging-config-file`, such as
 *
 *     { "level": "debug", "format": "json",
 *       "transports": [{ "to": "stdout", "format": "line" }, { "to": "file", "path": "/var/log/checks.log" }] }
 *
 * @throws LoggingConfigError
 */
export function readLoggingConfig(path: string): LoggingConfig {
  const parsed = loggingConfig.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(issue => `${[path, ...issue.path].join(' ')}: ${issue.message}`);
  throw new LoggingConfigError(problems.join('\n'));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(decodeText(readFileSync(path)));
  } catch (error) {
    if (error instanceof SyntaxError) throw new LoggingConfigError(`${path}: must be JSON`);
    throw unusable(path, 'be read', error);
  }
}

/** @param cannot completes "cannot …", as in `be read` */
export const unusable = (path: string, cannot: string, error: unknown): LoggingConfigError =>
  new LoggingConfigError(`${path}: cannot ${cannot} (${(error as NodeJS.ErrnoException).code})`);
