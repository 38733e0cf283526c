import { expect } from 'chai';
import type { Audit } from '../../../scripts/chaos/audit.ts';
import { breachesOf } from '../../../scripts/chaos/audit.ts';
import { breachLines } from '../../../scripts/chaos/inspect-histories.ts';
import type { Fault } from '../../../scripts/chaos/plan.ts';
import { faultText, figuresTable, recoveryTable, type Survived } from '../../../scripts/chaos/report.ts';

const AUDIT: Audit = {
  slots_due: 12_345,
  recorded: 12_000,
  in_gaps: 345,
  unaccounted: 0,
  accounted_twice: 0,
  duplicates: 0,
  begun_wrongly: 0,
  never_due: 0,
  gaps_miscounted: 0,
  up: 11_000,
  down: 990,
  unknown: 10,
  late_downs: 2,
  false_downs: 0,
  false_ups: 0,
  requests: 12_020,
  requests_beyond: 20,
  requests_unexplained: 0,
  checks_without_request: 0,
  unobserved_max_ms: 7_250,
  lag_p50_ms: 8.64,
  lag_p99_ms: 640.4,
  lag_max_ms: 12_345,
};

const survived = (
  faults: readonly Fault[],
  recordingMs: number,
  listeningMs: number,
  scheduleMs: number,
): Survived => ({ strike: { faults, calmMs: 500 }, recovery: { recordingMs, listeningMs, scheduleMs } });

describe('the report of npm run chaos', () => {
  it('says what is done to whom, and for how long', () => {
    expect([
      faultText({ kind: 'kill-worker', worker: 1, holdMs: 0 }),
      faultText({ kind: 'pause-worker', worker: 0, holdMs: 6_340 }),
      faultText({ kind: 'stop-database', worker: null, holdMs: 9_000 }),
    ]).to.deep.equal([
      'kill-worker of worker 2',
      'pause-worker of worker 1 for 6.3 s',
      'stop-database for 9.0 s',
    ]);
  });

  it('shows the figures in Markdown', () => {
    expect(figuresTable(AUDIT, { incidents: 50, alerts: 40, deliveries: 1_200, messages: 900 })).to.equal(
      `| what | figure |
| --- | --: |
| slots due | 12,345 |
| recorded as a check | 12,000 |
| recorded in a gap | 345 |
| unaccounted | 0 |
| accounted for twice | 0 |
| duplicate rows | 0 |
| checks up / down / unknown | 11,000 / 990 / 10 |
| state changes not caused by the website | 0 |
| downs since the website itself was late | 2 |
| requests | 12,020 |
| requests beyond one per check | 20 |
| … not explained by an expired lease | 0 |
| incidents / alerts / deliveries | 50 / 40 / 1,200 |
| messages that the receiver saw | 900 |
| longest period without a check, beyond the interval | 7.3 s |
| schedule lag p50 / p99 / max | 8.6 ms / 640 ms / 12.3 s |`,
    );
  });

  it('shows the longest recovery of each kind of fault, and of two at once apart', () => {
    const kill = { kind: 'kill-worker', worker: 1, holdMs: 0 } as const;
    const restart = { kind: 'restart-fast', worker: null, holdMs: 0 } as const;
    const strikes = [
      survived([restart], 400, 300, 0),
      survived([kill], 1_500, 1_400, 200),
      survived([kill], 1_200, 1_600, 5_100),
      survived([kill, restart], 2_000, 2_100, 2_200),
    ];
    expect(recoveryTable(strikes)).to.equal(
      `| fault | times | every worker records | listens | lag below 1 s |
| --- | --: | --: | --: | --: |
| kill-worker | 2 | 1.5 s | 1.6 s | 5.1 s |
| restart-fast | 1 | 0.4 s | 0.3 s | 0.0 s |
| two at once | 1 | 2.0 s | 2.1 s | 2.2 s |`,
    );
  });
});

describe('the breaches of npm run chaos', () => {
  it('are none where every slot is accounted for once', () => {
    expect(breachesOf(AUDIT)).to.deep.equal([]);
  });

  it('are named one by one', () => {
    expect(breachesOf({ ...AUDIT, unaccounted: 3, false_downs: 1 })).to.deep.equal([
      '3 slots are neither recorded nor in a gap (unaccounted)',
      '1 downs were not the website’s (false_downs)',
    ]);
  });

  it('include a run in which nothing was recorded', () => {
    expect(breachesOf({ ...AUDIT, recorded: 0 })).to.deep.equal(['nothing was recorded']);
  });

  it('of the histories are a line for each problem, with an example', () => {
    const at = (targetId: string) => ({
      invariant: 3,
      problem: 'leased twice',
      targetId,
      scheduledAt: '2026-01-01T00:00:00.000001Z',
      detail: 'by a and by b',
    });
    expect(breachLines([at('7'), at('8')])).to.deep.equal([
      '2 × invariant 3, leased twice, as for target 7 at 2026-01-01T00:00:00.000001Z: by a and by b',
    ]);
  });
});
