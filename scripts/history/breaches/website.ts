import type { HistoryEvent } from '../../../lib/history/event.ts';
import { breachIf, type Inspection } from '../breach.ts';
import type { LoggedRequest, Result } from '../tables.ts';

/** From a check's start to the request's arrival, and back, between two processes on one machine */
const TRAVEL_MS_MAX = 100;
const STARTS: readonly HistoryEvent['event'][] = ['started', 'confirming'];
/** Causes for which a website can be down although it answered: its content */
const CONTENT_CAUSES: readonly Result['cause'][] = ['regex_mismatch'];

/** Invariant 4, and the number of requests: compares the checks with the website's log. */
export const inspectWebsite: Inspection = ({ requests, slots }) => {
  if (requests === null) return [];
  const requestsOf = Map.groupBy(requests, ({ targetId }) => targetId);
  const startsOf = Map.groupBy(
    slots.flatMap(({ events }) => events.filter(({ event }) => STARTS.includes(event))),
    ({ targetId }) => targetId,
  );
  return [
    ...slots.flatMap(({ targetId, results, events }) =>
      results.flatMap(result =>
        breachIf(
          isContradicted(result, endedAtMs(result, events), requestsOf.get(targetId) ?? []),
          4,
          'down, but the website had answered correctly',
          result,
          `${result.cause}`,
        ),
      ),
    ),
    ...[...requestsOf].flatMap(([targetId, { length }]) => {
      const starts = startsOf.get(targetId)?.length ?? 0;
      return breachIf(
        length > starts,
        3,
        'more requests than starts',
        { targetId },
        `${length} requests, ${starts} starts`,
      );
    }),
  ];
};

/** The recorded duration is that of the last attempt alone, so several attempts need the worker's history. */
function endedAtMs({ startedAtMs, totalUs }: Result, events: readonly HistoryEvent[]): number {
  const oneAttemptMs = startedAtMs + totalUs / 1_000;
  const ends = events.filter(({ event }) => event === 'finished').map(({ databaseMs }) => databaseMs);
  const wasConfirmed = events.some(({ event }) => event === 'confirming');
  return wasConfirmed ? Math.max(oneAttemptMs, ...ends) : oneAttemptMs;
}

/** If a dead worker's request came in the same time, nothing shows whose request was whose. */
function isContradicted(result: Result, endedAtMs: number, requests: readonly LoggedRequest[]): boolean {
  if (result.outcome !== 'down' || CONTENT_CAUSES.includes(result.cause)) return false;
  const during = requests.filter(
    ({ atMs }) => atMs >= result.startedAtMs - TRAVEL_MS_MAX && atMs <= endedAtMs + TRAVEL_MS_MAX,
  );
  return during.length > 0 && during.every(({ answer }) => isWellInTime(answer, endedAtMs));
}

const isWellInTime = (answer: LoggedRequest['answer'], endedAtMs: number): boolean =>
  answer !== null && answer.status < 400 && answer.atMs < endedAtMs - TRAVEL_MS_MAX;
