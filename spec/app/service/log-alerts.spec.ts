import { expect } from 'chai';
import type { Sent } from '../../../lib/alerting/channel.ts';
import { createAlertLog } from '../../../lib/app/service/log-alerts.ts';
import { aMessage } from '../../support/a-message.ts';
import { ACCEPTED, REFUSED, UNREACHABLE } from '../../support/alerting.ts';
import { quietLog } from '../../support/quiet-log.ts';

describe('The log of alerts', () => {
  /** What it says of a batch with these outcomes. */
  const said = (failures: number, ...sent: readonly Sent[]): unknown[] => {
    const lines: unknown[] = [];
    const tell = (message: string, facts?: object) => void lines.push([message, facts]);
    createAlertLog(quietLog({ info: tell, warn: tell })).delivered({
      delivered: {
        batch: {
          channel: { id: '1', name: 'ops', kind: 'webhook', url: 'https://example.org/s3cret', secrets: [] },
          epoch: 1,
          failures,
          endsAtMonotonicMs: 0,
          messages: [],
        },
        attempts: sent.map(one => ({ message: aMessage(), sent: one })),
      },
      counts: [],
    });
    return lines;
  };

  it('counts what a channel accepted and refused, in one line each', () => {
    expect(said(0, ACCEPTED, REFUSED, ACCEPTED)).to.deep.equal([
      ['alerts sent', { channel: 'ops', messages: 2 }],
      [
        'alerts were refused; they are given up until they are resent',
        { channel: 'ops', messages: 1, reason: 'status 400' },
      ],
    ]);
  });

  it('warns of the first, second, fourth … failure in a row', () => {
    expect(said(0, UNREACHABLE)).to.deep.equal([
      ['alerts could not be sent; retrying', { channel: 'ops', reason: 'connection refused', attempt: 1 }],
    ]);
    const attempts = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter(failures => said(failures, UNREACHABLE).length > 0);
    expect(attempts).to.deep.equal([0, 1, 3, 7]);
  });
});
