import { shownChannelUrl } from '../channels/address/shown-channel-url.ts';
import { isPowerOfTwo } from '../domain/power-of-two.ts';
import { redactText } from '../domain/redact.ts';
import type { AlertChannel } from '../postgres/channels/add-alert-channels.ts';
import type { ClockSetBack } from '../postgres/checking/follow-clock.ts';
import type { DatabaseWork } from '../postgres/checking/postgres-ports.ts';
import { EchoLostError } from '../postgres/checking/wake-ups.ts';
import { describeError } from '../postgres/error-codes.ts';
import type { Added } from '../postgres/targets/add-targets.ts';
import { countEachMinute } from './count-each-minute.ts';

type Tell = (message: string, facts: Readonly<Record<string, string | number>>) => void;

/** Receives what an embedded monitor logs; `console` will do. Must return at once and not throw. */
export interface Logger {
  readonly warn: Tell;
  readonly info: Tell;
}

/** What a worker reports in addition to the pipeline's hooks. */
export interface Reporter {
  readonly waiting: (error: unknown, attempt: number) => void;
  /** The names of the migrations applied, in order; at least one */
  readonly migrated: (names: readonly string[]) => void;
  readonly targetAdded: (added: Added) => void;
  readonly channelAdded: (channel: AlertChannel) => void;
  readonly listening: (isUp: boolean) => void;
  /** Before each retry; `attempt` is 1 for the first failure in a row */
  readonly retrying: (work: DatabaseWork, error: unknown, attempt: number) => void;
  /** A check ended as unknown, because the bodies under way had no more room */
  readonly bodyGivenUp: () => void;
  readonly clockSetBack: (setBack: ClockSetBack) => void;
  readonly upkeepFailed: (what: string, error: unknown) => void;
  /** Once for each hook of an embedder */
  readonly hookFailed: (name: string, error: unknown) => void;
  /** After a stop, the database did not answer: `slots` are left to other workers */
  readonly gaveUp: (slots: number) => void;
  readonly partitionsDropped: (count: number) => void;
}

/** Each kind of work as the subject of a sentence. */
const WORK_NAMES: Readonly<Record<DatabaseWork, string>> = {
  lease: 'leasing',
  record: 'recording',
  listen: 'LISTEN',
  alert: 'alerting',
};

const SILENT: Logger = { warn: () => {}, info: () => {} };

/**
 * Logs what a worker reports.
 *
 * Of retries in a row it logs the first, second, fourth, eighth …: an outage must not flood the log.
 * Behind a pooler, where LISTEN can never work, it says so once.
 */
export function createReporter({ warn, info }: Logger = SILENT): Reporter {
  let isPooled = false;
  const countBodies = countEachMinute();
  const about = (error: unknown) => ({ reason: redactText(describeError(error)) });
  const failed = (what: string, error: unknown, attempt: number): void => {
    if (isPowerOfTwo(attempt)) warn(what, { ...about(error), attempt });
  };
  return {
    waiting: (error, attempt) => failed('waiting for the database', error, attempt),
    migrated: names =>
      info(names.length === 1 ? 'migration applied' : 'migrations applied', {
        count: names.length,
        first: names[0] ?? '',
        last: names.at(-1) ?? '',
      }),
    targetAdded: ({ url, change }) => info(`target ${change}`, { url }),
    channelAdded: ({ name, url, change, isEnabled }) => {
      const facts = { channel: name, url: shownChannelUrl(url) };
      if (isEnabled) info(`channel ${change}: alerts go there`, facts);
      else warn('no alerts go to this channel: website-monitor channels enable would change that', facts);
    },
    listening: isUp => {
      isPooled = false;
      info(isUp ? 'listening for changes' : 'LISTEN is down; polling every second', {});
    },
    retrying: (work, error, attempt) => {
      if (error instanceof EchoLostError) {
        if (!isPooled) warn('LISTEN does not work; polling every second and retrying LISTEN', about(error));
        isPooled = true;
      }
      if (!(isPooled && work === 'listen')) failed(`${WORK_NAMES[work]} failed; retrying`, error, attempt);
    },
    bodyGivenUp: () => {
      const checks = countBodies();
      if (checks > 0) warn('too many bodies arrive slowly: checks end as unknown', { checks });
    },
    clockSetBack: ({ byS, targets }) =>
      warn("the database's clock was set back; its targets are due again by the new time", {
        seconds: byS,
        targets,
      }),
    upkeepFailed: (what, error) => warn(what, about(error)),
    hookFailed: (name, error) =>
      warn(`hook ${name} threw an error; checks continue, and the hook will still be called`, about(error)),
    gaveUp: slots => {
      if (slots === 0) return; // only a lease pass was under way
      warn('stopped without recording: the database does not answer; other workers check those slots', {
        slots,
      });
    },
    partitionsDropped: partitions => info('old partitions were dropped', { partitions }),
  };
}
