import { expect } from 'chai';
import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../../lib/domain/check/cause.ts';
import { createInstruments } from '../../lib/metrics/instruments.ts';
import { createRecording } from '../../lib/metrics/recording.ts';
import { aCheck } from '../support/a-check.ts';

const setUp = () => {
  const { registry, instruments } = createInstruments();
  return { recording: createRecording(instruments), shown: () => registry.metrics() };
};

/** Returns the value of one series, as a scraper reads it. */
const seriesValue = (shown: string, series: string): number | undefined => {
  const line = shown.split('\n').find(one => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};

describe('The metrics', () => {
  it('have every labelled series at zero before its first event', async () => {
    const shown = await setUp().shown();
    expect(seriesValue(shown, 'website_monitor_checks_total{outcome="up",cause="none"}')).to.equal(0);
    for (const cause of DOWN_CAUSES) {
      expect(seriesValue(shown, `website_monitor_checks_total{outcome="down",cause="${cause}"}`)).to.equal(0);
    }
    for (const cause of UNKNOWN_CAUSES) {
      expect(seriesValue(shown, `website_monitor_checks_total{outcome="unknown",cause="${cause}"}`)).to.equal(
        0,
      );
    }
  });

  it('have as many series after many targets as after one', async () => {
    const { recording, shown } = setUp();
    const outcomes = (target: number) => [
      aCheck({ url: `https://s3cret-${target}.example.org/` }),
      aCheck({ verdict: { outcome: 'down', cause: 'dns_not_found', detail: `s3cret ${target}` } }),
    ];
    outcomes(0).forEach(recording.settled);
    const before = (await shown()).split('\n').filter(line => line.startsWith('website_monitor_'));
    for (let target = 1; target < 100; target += 1) outcomes(target).forEach(recording.settled);
    const after = await shown();
    expect(after.split('\n').filter(line => line.startsWith('website_monitor_'))).to.have.length(
      before.length,
    );
    expect(after).to.not.include('s3cret');
  });

  it('count a check by outcome and cause, with its duration and lag in seconds', async () => {
    const { recording, shown } = setUp();
    const verdict = { outcome: 'down', cause: 'http_status', detail: '503' } as const;
    recording.settled(aCheck({ scheduledAtMs: 1_000, startedAtMs: 1_250 }));
    recording.settled(aCheck({ verdict, scheduledAtMs: 1_000, startedAtMs: 1_000.5 }));
    const metrics = await shown();
    expect(seriesValue(metrics, 'website_monitor_checks_total{outcome="up",cause="none"}')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_checks_total{outcome="down",cause="http_status"}')).to.equal(
      1,
    );
    expect(seriesValue(metrics, 'website_monitor_check_duration_seconds_sum{outcome="up"}')).to.equal(
      0.043534,
    );
    expect(
      seriesValue(metrics, 'website_monitor_phase_duration_seconds_sum{phase="tls"}'),
      'twice 20.4 ms',
    ).to.be.closeTo(0.0408, 1e-9);
    expect(seriesValue(metrics, 'website_monitor_schedule_lag_seconds_bucket{le="0.001"}')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_schedule_lag_seconds_sum')).to.be.closeTo(0.2505, 1e-9);
  });

  it('omit a phase that did not happen', async () => {
    const { recording, shown } = setUp();
    const phases = { ...aCheck().phases, tlsUs: null };
    recording.settled(aCheck({ phases }));
    const metrics = await shown();
    expect(seriesValue(metrics, 'website_monitor_phase_duration_seconds_count{phase="tls"}')).to.equal(0);
    expect(seriesValue(metrics, 'website_monitor_phase_duration_seconds_count{phase="ttfb"}')).to.equal(1);
  });

  it('never report a lag below zero, even if the database’s clock was set back', async () => {
    const { recording, shown } = setUp();
    recording.settled(aCheck({ scheduledAtMs: 5_000, startedAtMs: 1_000 }));
    expect(seriesValue(await shown(), 'website_monitor_schedule_lag_seconds_sum')).to.equal(0);
  });

  it('count slots leased, missed and given back, and checks recorded and dropped', async () => {
    const { recording, shown } = setUp();
    const { lease } = aCheck();
    recording.pass({ leases: [lease, lease], slotsMissed: 5, nextDueInMs: 0 });
    recording.settled({ kind: 'returned', lease, reason: 'lease_too_short' });
    recording.settled({ kind: 'skipped', lease, reason: 'still_running' });
    recording.recorded({
      settled: [],
      recorded: [aCheck()],
      transitions: [],
      lostLeaseCount: 2,
      rejectedCount: 3,
    });
    const metrics = await shown();
    expect(seriesValue(metrics, 'website_monitor_lease_pass_size_count')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_lease_pass_size_sum')).to.equal(2);
    expect(seriesValue(metrics, 'website_monitor_slots_missed_total{reason="no_worker"}')).to.equal(5);
    expect(seriesValue(metrics, 'website_monitor_slots_missed_total{reason="still_running"}')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_slots_given_back_total{reason="lease_too_short"}')).to.equal(
      1,
    );
    expect(seriesValue(metrics, 'website_monitor_slots_given_back_total{reason="shutdown"}')).to.equal(0);
    expect(seriesValue(metrics, 'website_monitor_record_batch_size_sum')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_checks_dropped_total{reason="lost_lease"}')).to.equal(2);
    expect(seriesValue(metrics, 'website_monitor_checks_dropped_total{reason="rejected_row"}')).to.equal(3);
    expect(seriesValue(metrics, 'website_monitor_checks_total{outcome="up",cause="none"}')).to.equal(0);
  });

  it('show running and unrecorded checks beside their limits, whether LISTEN is up, and retries', async () => {
    const { recording, shown } = setUp();
    recording.limits({ workerNumber: 8, slowLaneSize: 50, queueSize: 100 });
    recording.occupancy({ running: 6, slow: 2, unrecorded: 3 });
    recording.listening(true);
    recording.retried('lease');
    const metrics = await shown();
    expect(seriesValue(metrics, 'website_monitor_checks_running')).to.equal(4);
    expect(seriesValue(metrics, 'website_monitor_checks_running_max')).to.equal(8);
    expect(seriesValue(metrics, 'website_monitor_checks_slow')).to.equal(2);
    expect(seriesValue(metrics, 'website_monitor_checks_slow_max')).to.equal(50);
    expect(seriesValue(metrics, 'website_monitor_checks_unsaved')).to.equal(3);
    expect(seriesValue(metrics, 'website_monitor_checks_unsaved_max')).to.equal(100);
    expect(seriesValue(metrics, 'website_monitor_listening')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_database_retries_total{operation="lease"}')).to.equal(1);

    recording.listening(false);
    expect(seriesValue(await shown(), 'website_monitor_listening')).to.equal(0);
  });

  it('count confirmations by their result, and transitions by their direction', async () => {
    const { recording, shown } = setUp();
    const confirmations = { count: 1, firstCause: 'connection_reset' } as const;
    const down = { outcome: 'down', cause: 'http_status', detail: '503' } as const;
    recording.settled(aCheck());
    for (const _averted of [1, 2]) recording.settled(aCheck({ confirmations }));
    const confirmed = aCheck({ confirmations, verdict: down });
    recording.settled(confirmed);
    const transitions = [{ check: confirmed, to: 'down' }] as const;
    recording.recorded({
      settled: [],
      recorded: [confirmed],
      transitions,
      lostLeaseCount: 0,
      rejectedCount: 0,
    });
    const metrics = await shown();
    expect(seriesValue(metrics, 'website_monitor_rechecks_total{result="averted"}')).to.equal(2);
    expect(seriesValue(metrics, 'website_monitor_rechecks_total{result="confirmed"}')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_targets_turned_total{to="down"}')).to.equal(1);
    expect(seriesValue(metrics, 'website_monitor_targets_turned_total{to="up"}')).to.equal(0);
  });

  it('show the first expiry of all certificates, and 0 if none is known', async () => {
    const { recording, shown } = setUp();
    const expiry = 'website_monitor_certificate_earliest_expiry_timestamp_seconds';
    recording.certificates({ earliestExpiryS: 1_800_000_000, expiringCount: 2 });
    expect(seriesValue(await shown(), expiry)).to.equal(1_800_000_000);
    expect(seriesValue(await shown(), 'website_monitor_certificates_expiring')).to.equal(2);
    recording.certificates({ earliestExpiryS: null, expiringCount: 0 });
    expect(seriesValue(await shown(), expiry)).to.equal(0);
  });

  it('are separate for each of two services in one process', async () => {
    const [one, other] = [setUp(), setUp()];
    one.recording.settled(aCheck());
    expect(
      seriesValue(await other.shown(), 'website_monitor_checks_total{outcome="up",cause="none"}'),
    ).to.equal(0);
  });
});
