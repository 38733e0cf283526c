import type { AboutCause } from '../../domain/check/about-cause.ts';

interface AboutCondition extends AboutCause {
  /** In as few words as a lock screen has room for */
  readonly name: string;
}

/** What a condition means that no check has as its cause. The others have the names of checks' causes. */
export const CONDITION_CAUSES: Readonly<Record<string, AboutCondition>> = {
  slow: {
    name: 'slow',
    means: 'the last three checks were up, but took longer than `slow_above`',
    remedy: '`website-monitor targets show` says which phase takes long',
  },
  certificate_expires: {
    name: 'certificate expires soon',
    means: 'the certificate that the website presents is near its end',
    remedy: 'renew the certificate, and reload the server so that it presents the new one',
  },
  not_checked: {
    name: 'no worker checks them',
    means: 'their checks are overdue: too few workers run, or they are too busy',
    remedy: 'see `website-monitor workers` and `website-monitor doctor`; start another worker',
  },
  channel_failing: {
    name: 'messages do not arrive',
    means: 'the receiver does not accept messages; what can be sent again is tried for a day',
    remedy:
      'see `website-monitor channels show` and `channels test`; `channels resend` sends what was given up',
  },
  channel_disabled: {
    name: 'receiver is gone',
    means: 'the receiver said that it is gone for good, so nothing more is sent there',
    remedy: 'correct the channel with `website-monitor channels edit`, then `channels enable`',
  },
};
