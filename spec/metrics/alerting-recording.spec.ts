import { expect } from 'chai';
import { createAlertingRecording } from '../../lib/metrics/alerting-recording.ts';
import { createInstruments } from '../../lib/metrics/instruments.ts';
import { aReport } from '../support/a-report.ts';

describe('The metrics of alerting', () => {
  const setUp = () => {
    const { registry, instruments } = createInstruments();
    const shown = async () =>
      (await registry.metrics())
        .split('\n')
        .filter(line => /^website_monitor_(alert|channel|targets_slow)/.test(line) && !line.endsWith(' 0'));
    return { recording: createAlertingRecording(instruments), shown };
  };

  it('count deliveries by kind of channel and outcome, and the time to those that were sent; no name or URL', async () => {
    const { recording, shown } = setUp();
    recording.delivered(aReport('slack', ['sent', 'dead']));
    const lines = await shown();
    expect(lines).to.include.members([
      'website_monitor_alert_deliveries_total{channel_kind="slack",outcome="sent"} 2',
      'website_monitor_alert_deliveries_total{channel_kind="slack",outcome="dead"} 2',
      'website_monitor_alert_delay_seconds_bucket{le="1.5"} 2',
      'website_monitor_alert_delay_seconds_sum 3',
      'website_monitor_alert_delay_seconds_count 2',
    ]);
    expect(lines.join()).to.not.match(/s3cret|le="1"/);
  });

  it('show the state of the whole database, and zero again once it is well', async () => {
    const { recording, shown } = setUp();
    recording.now({
      alerts: { open: 3, held: 1 },
      waitingSinceS: 1_700_000_000,
      dead: 4,
      failing: 1,
      slow: 2,
    });
    expect(await shown()).to.have.members([
      'website_monitor_alerts{state="open"} 3',
      'website_monitor_alerts{state="held"} 1',
      'website_monitor_alert_oldest_undelivered_timestamp_seconds 1700000000',
      'website_monitor_alert_dead_letters 4',
      'website_monitor_channels_failing 1',
      'website_monitor_targets_slow 2',
    ]);
    recording.now({ alerts: {}, waitingSinceS: null, dead: 0, failing: 0, slow: 0 });
    expect(await shown()).to.deep.equal([]);
  });
});
