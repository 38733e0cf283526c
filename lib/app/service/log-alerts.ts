import type { AlertingHooks } from '../../alerting/ports.ts';
import { isPowerOfTwo } from '../../domain/power-of-two.ts';
import type { Log } from '../../log/create-log.ts';

/**
 * Logs what becomes of messages to channels, once for those of a batch that end alike. Of failures in a row it logs the
 * first, second, fourth, eighth …: a receiver may be down for a day.
 */
export const createAlertLog = (log: Log): AlertingHooks => ({
  advanced: () => {},
  delivered: ({ delivered: { batch, attempts } }) => {
    const { channel, failures } = batch;
    const accepted = attempts.filter(({ sent }) => sent.kind === 'accepted');
    if (accepted.length > 0) log.info('alerts sent', { channel: channel.name, messages: accepted.length });
    const refused = attempts.flatMap(({ sent }) => (sent.kind === 'refused' ? [sent] : []));
    if (refused[0] !== undefined)
      log.warn('alerts were refused; they are given up until they are resent', {
        channel: channel.name,
        messages: refused.length,
        reason: refused[0].problem,
      });
    const failed = attempts.flatMap(({ sent }) => (sent.kind === 'failed' ? [sent] : []));
    if (failed[0] !== undefined && isPowerOfTwo(failures + 1))
      log.warn('alerts could not be sent; retrying', {
        channel: channel.name,
        reason: failed[0].problem,
        attempt: failures + 1,
      });
  },
});
