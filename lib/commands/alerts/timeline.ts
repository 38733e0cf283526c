import { cleanDetail } from '../../domain/clean-text.ts';
import type { ListedDelivery, ShownAlert } from '../../postgres/reports/alerts.ts';

export interface Moment {
  readonly at: string;
  /** One line */
  readonly what: string;
}

/** What happened to an alert, and what was sent of it, in order of time. */
export function timeline(alert: ShownAlert): readonly Moment[] {
  const { spanned, deliveries, openedAt, acknowledgedAt, closedAt } = alert;
  const moments: (Moment | null)[] = [
    ...(spanned.length === 0 ? [moment(alert.since, 'began')] : []),
    ...spanned.flatMap(({ startedAt, endedAt, cause, detail }) => [
      moment(startedAt, `down: ${cause}: ${cleanDetail(detail)}`),
      moment(endedAt, 'no longer down'),
    ]),
    moment(openedAt, 'opened'),
    moment(acknowledgedAt, `acknowledged by ${cleanDetail(alert.acknowledgedBy ?? '')}`),
    ...deliveries.map(delivery => moment(delivery.finishedAt ?? delivery.createdAt, deliveryText(delivery))),
    moment(closedAt, `closed: ${alert.ending ?? 'over'}`),
  ];
  return moments.filter(one => one !== null).sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

const moment = (at: Date | string | null, what: string): Moment | null =>
  at === null ? null : { at: new Date(at).toISOString(), what };

/** `"opened" sent to ops`; `"opened" for ops waits: tried 3 times: status 500`. */
function deliveryText({ channel, news, state, attempts, problem }: ListedDelivery): string {
  const why = problem === null ? '' : `: ${cleanDetail(problem)}`;
  const tries = `${attempts} attempt${attempts === 1 ? '' : 's'}`;
  switch (state) {
    case 'sent':
      return `"${news}" accepted by ${channel}${attempts > 1 ? ` after ${tries}` : ''}`;
    case 'waiting':
      return `"${news}" waits to go to ${channel}${attempts === 0 ? '' : `, after ${tries}${why}`}`;
    case 'dead':
      return `"${news}" to ${channel} given up after ${tries}${why}`;
    case 'dropped':
      return `"${news}" to ${channel} dropped: ${problem === null ? 'nothing to say any more' : cleanDetail(problem)}`;
  }
}
