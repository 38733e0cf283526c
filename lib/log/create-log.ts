import type { Writable } from 'node:stream';
import { type Observable, Subject } from 'rxjs';
import { createLogger, format, transports } from 'winston';
import type { Check } from '../domain/check/check.ts';
import { checkFields } from './check-fields.ts';
import type { Facts } from './entry.ts';
import { jsonFormat } from './json-format.ts';
import { lineFormat } from './line-format.ts';
import { type LoggingConfig, readLoggingConfig, type Transport, unusable } from './logging-config.ts';
import { boundedOutput, fileOutput, type Losses, type Output } from './outputs.ts';

type Tell = (message: string, facts?: Facts) => void;

/** The log as the rest of the service sees it. Facts are flat, so that no library's error goes in whole. */
export interface Log {
  readonly error: Tell;
  readonly warn: Tell;
  readonly info: Tell;
  readonly debug: Tell;
  /** At `info` where people read along (dev) or with tracing, which adds to it; else at `debug`. */
  readonly check: (check: Check, traceId?: string) => void;
  /** That a target is down, or up again; left out where `check` has shown it already */
  readonly transition: (check: Check, to: 'up' | 'down', traceId?: string) => void;
  /** Emits at once for each line that could not be written; the log itself tells of them later, together. */
  readonly lineLost: Observable<void>;
  /** Resolves when all lines are out: to be awaited before `process.exit`. */
  readonly flush: () => Promise<void>;
}

export interface LogOptions {
  readonly logging:
    | { readonly type: 'dev' | 'prod' }
    | { readonly type: 'custom'; readonly configFile: string };
  readonly workerId: string;
  readonly enableTracing: boolean;
}

type StandardStream = Writable & { readonly isTTY?: boolean };

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
    over: lines => tell('warn')('log lines were lost: they could not be written', { lines }),
  };
  const outputs = config.transports.map(transport => ({ transport, ...open(transport, streams, losses) }));
  const logger = createLogger({
    level: config.level,
    format: format(info => info)(), // each transport has its own
    transports: outputs.map(
      ({ transport, stream }) =>
        new transports.Stream({
          stream,
          eol: '\n',
          format: formatOf(transport, config, streams, workerId),
          ...(transport.level && { level: transport.level }),
        }),
    ),
  });

  const tell =
    (level: string): Tell =>
    (message, facts = {}) =>
      void logger.log({ level, message, facts });
  const checkLevel = logging.type === 'dev' || enableTracing ? 'info' : 'debug';

  return {
    error: tell('error'),
    warn: tell('warn'),
    info: tell('info'),
    debug: tell('debug'),
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
      if (to === 'down') tell('warn')('down', facts);
      else tell('info')('up again', facts);
    },
    lineLost,
    flush: async () => void (await Promise.all(outputs.map(output => output.flush()))),
  };
}

/** Under OpenTelemetry's own name, by which readers of logs find traces. */
const traced = (traceId: string | undefined): Facts => (traceId === undefined ? {} : { trace_id: traceId });

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
  return lineFormat(transport.to !== 'file' && streams[transport.to].isTTY === true);
};
