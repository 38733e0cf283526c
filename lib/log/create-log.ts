import type { Writable } from 'node:stream';
import { type Observable, Subject } from 'rxjs';
import { createLogger, format, type Logform, transports } from 'winston';
import type { Check } from '../domain/check/check.ts';
import { checkFields } from './check-fields.ts';
import type { Facts } from './entry.ts';
import { jsonFormat } from './json-format.ts';
import { lineFormat } from './line-format.ts';
import { type LoggingConfig, readLoggingConfig, type Transport, unusable } from './logging-config.ts';
import { boundedOutput, fileOutput, type Losses, type Output } from './outputs.ts';

type WriteLine = (message: string, facts?: Facts) => void;

/** The log as the rest of the service sees it. Facts are flat: an error of a library is never logged whole. */
export interface Log {
  readonly error: WriteLine;
  readonly warn: WriteLine;
  readonly info: WriteLine;
  readonly debug: WriteLine;
  /** Logs a check: at `info` in the dev log or with tracing, which adds how it was run; else at `debug`. */
  readonly check: (check: Check, traceId?: string) => void;
  /** Logs that a target went down or came back up, unless `check` has logged the check already. */
  readonly transition: (check: Check, to: 'up' | 'down', traceId?: string) => void;
  /** Emits for each line that could not be written. The log itself reports their number once it can. */
  readonly lineLost: Observable<void>;
  /** Resolves when all lines are written, or after a second. Await it before `process.exit`. */
  readonly flush: () => Promise<void>;
}

/** How to log. */
export interface LogOptions {
  readonly logging:
    | { readonly type: 'dev' | 'prod' }
    | { readonly type: 'custom'; readonly configFile: string };
  /** In each line of a JSON log */
  readonly workerId: string;
  /** Logs each check, with its phases and lease */
  readonly enableTracing: boolean;
}

type StandardStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly hasColors?: () => boolean;
};

export interface StandardStreams {
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
}

const BUILT_IN: Readonly<Record<'dev' | 'prod', LoggingConfig>> = {
  dev: { level: 'info', format: 'line', transports: [{ to: 'stdout' }] },
  prod: { level: 'info', format: 'json', transports: [{ to: 'stdout' }] },
};

/** @throws LoggingConfigError if a custom logging config cannot be used */
export function createLog(
  { logging, workerId, enableTracing }: LogOptions,
  streams: StandardStreams = process,
): Log {
  const config = logging.type === 'custom' ? readLoggingConfig(logging.configFile) : BUILT_IN[logging.type];
  const lineLost = new Subject<void>();
  const losses: Losses = {
    lost: () => lineLost.next(),
    over: lines => writeAt('warn')('log lines were lost: they could not be written', { lines }),
  };
  const outputs = config.transports.map(transport => ({ transport, ...open(transport, streams, losses) }));
  const logger = createLogger({
    level: config.level,
    format: format(info => info)(), // each transport has its own
    transports: outputs.map(({ transport, stream }) =>
      streamTransport(transport, stream, formatOf(transport, config, streams, workerId)),
    ),
  });

  const writeAt =
    (level: string): WriteLine =>
    (message, facts = {}) =>
      void logger.log({ level, message, facts });
  const checkLevel = logging.type === 'dev' || enableTracing ? 'info' : 'debug';

  return {
    error: writeAt('error'),
    warn: writeAt('warn'),
    info: writeAt('info'),
    debug: writeAt('debug'),
    check: (check, traceId) => {
      if (!logger.isLevelEnabled(checkLevel)) return;
      logger.log({
        level: checkLevel,
        message: 'check',
        facts: traced(traceId),
        check: { check, isTraced: enableTracing },
      });
    },
    transition: (check, to, traceId) => {
      if (logger.isLevelEnabled(checkLevel)) return;
      const facts = { ...checkFields(check), ...traced(traceId) };
      if (to === 'down') writeAt('warn')('target is down', facts);
      else writeAt('info')('target is up again', facts);
    },
    lineLost,
    flush: async () => void (await Promise.all(outputs.map(output => output.flush()))),
  };
}

/** The trace id under OpenTelemetry's name, by which log viewers find the trace. */
const traced = (traceId: string | undefined): Facts => (traceId === undefined ? {} : { trace_id: traceId });

const streamTransport = ({ level }: Transport, stream: Writable, format: Logform.Format) =>
  new transports.Stream({ stream, eol: '\n', format, ...(level && { level }) });

function open(transport: Transport, streams: StandardStreams, losses: Losses): Output {
  if (transport.to !== 'file') return boundedOutput(streams[transport.to], losses);
  try {
    return fileOutput(transport.path, losses);
  } catch (error) {
    throw unusable(transport.path, 'be opened', error);
  }
}

const formatOf = (
  transport: Transport,
  config: LoggingConfig,
  streams: StandardStreams,
  workerId: string,
) => {
  if ((transport.format ?? config.format) === 'json') return jsonFormat(workerId);
  const terminal = transport.to !== 'file' && streams[transport.to].isTTY ? streams[transport.to] : null;
  return lineFormat({
    isColoured: terminal !== null && terminal.hasColors?.() !== false, // honours NO_COLOR and TERM
    columns: () => terminal?.columns ?? Number.POSITIVE_INFINITY,
  });
};
