import type { AlertFigures } from './alerts/inspect-alerts.ts';
import type { Audit } from './audit.ts';
import type { Fault, Strike } from './plan.ts';
import type { Recovery } from './recovery.ts';

/** A strike from which the workers have recovered. */
export interface Survived {
  readonly strike: Strike;
  readonly recovery: Recovery;
}

/** For example `pause-worker of worker 2 for 6.3 s`. */
export const faultText = ({ kind, worker, holdMs }: Fault): string =>
  [
    kind,
    ...(worker === null ? [] : [`of worker ${worker + 1}`]),
    ...(holdMs === 0 ? [] : [`for ${seconds(holdMs)}`]),
  ].join(' ');

export const recoveryText = ({ recordingMs, listeningMs, scheduleMs }: Recovery): string =>
  `all record after ${seconds(recordingMs)}, listen after ${seconds(listeningMs)}, ` +
  `lag below 1 s after ${seconds(scheduleMs)}`;

/** The figures of a run in Markdown, as docs/HOW-IT-WORKS.md shows them. */
export const figuresTable = (audit: Audit, alerts: AlertFigures): string =>
  table(
    ['what', 'figure'],
    [
      ['slots due', count(audit.slots_due)],
      ['recorded as a check', count(audit.recorded)],
      ['recorded in a gap', count(audit.in_gaps)],
      ['unaccounted', count(audit.unaccounted)],
      ['accounted for twice', count(audit.accounted_twice)],
      ['duplicate rows', count(audit.duplicates)],
      ['checks up / down / unknown', [audit.up, audit.down, audit.unknown].map(count).join(' / ')],
      ['state changes not caused by the website', count(audit.false_downs + audit.false_ups)],
      ['downs since the website itself was late', count(audit.late_downs)],
      ['requests', count(audit.requests)],
      ['requests beyond one per check', count(audit.requests_beyond)],
      ['… not explained by an expired lease', count(audit.requests_unexplained)],
      [
        'incidents / alerts / deliveries',
        [alerts.incidents, alerts.alerts, alerts.deliveries].map(count).join(' / '),
      ],
      ['messages that the receiver saw', count(alerts.messages)],
      ['longest period without a check, beyond the interval', seconds(audit.unobserved_max_ms)],
      ['schedule lag p50 / p99 / max', lagText(audit)],
    ],
  );

/** One line per kind of fault, sorted by name; a strike of two faults has one line. */
export const recoveryTable = (survived: readonly Survived[]): string => {
  const byKind = Map.groupBy(survived, ({ strike: { faults } }) =>
    faults.length === 1 ? (faults[0]?.kind ?? '') : 'two at once',
  );
  const rows = [...byKind]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, strikes]) => {
      const longest = (part: keyof Recovery): string =>
        seconds(Math.max(...strikes.map(({ recovery }) => recovery[part])));
      return [
        kind,
        count(strikes.length),
        longest('recordingMs'),
        longest('listeningMs'),
        longest('scheduleMs'),
      ];
    });
  return table(['fault', 'times', 'every worker records', 'listens', 'lag below 1 s'], rows);
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n');

const lagText = ({ lag_p50_ms, lag_p99_ms, lag_max_ms }: Audit): string =>
  `${milliseconds(lag_p50_ms)} / ${milliseconds(lag_p99_ms)} / ${seconds(lag_max_ms)}`;

const count = (number: number): string => number.toLocaleString('en-GB');
const milliseconds = (ms: number | null): string => (ms === null ? '–' : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`);
const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(1)} s`);
