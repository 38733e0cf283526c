import type { ChannelKind } from '../../lib/alerting/channel.ts';
import type { DeliveryReport } from '../../lib/alerting/ports.ts';

/** What was recorded of openings, two of each outcome, that went to a channel of that kind. */
export const aReport = (
  kind: ChannelKind,
  outcomes: readonly DeliveryReport['counts'][number]['outcome'][],
  seconds = 3,
): DeliveryReport => ({
  delivered: {
    batch: {
      channel: { id: '1', name: 's3cret name', kind, url: 'https://s3cret.example/', secrets: [] },
      epoch: 1,
      failures: 0,
      endsAtMonotonicMs: 0,
      messages: [],
    },
    attempts: [],
  },
  counts: outcomes.map(outcome => ({ news: 'opened', outcome, count: 2, seconds })),
});
