import type { HistoryEvent } from '../../../lib/history/event.ts';
import { breachIf, type Inspection } from '../breach.ts';
import type { LoggedRequest, Result } from '../tables.ts';

/** From a check's start to its request's arrival, and back: two processes on one machine */
const TRAVEL_MS_MAX = 100;
const STARTS: readonly HistoryEvent['event'][] = ['started', 'confirming'];
/** What a website that answered well can be down for all the same: its content */
const CONTENT_CAUSES: readonly Result['cause'][] = ['regex_mismatch'];

/** Invariant 4, and the price of it all: what the website says of the checks that were made of it. */
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
          'down, but the website had answered well',
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

/** The duration recorded is that of the last attempt alone, so with several the worker's own word is needed. */
function endedAtMs({ startedAtMs, totalUs }: Result, events: readonly HistoryEvent[]): number {
  const oneAttemptMs = startedAtMs + totalUs / 1_000;
  const ends = events.filter(({ event }) => event === 'finished').map(({ databaseMs }) => databaseMs);
  const wasConfirmed = events.some(({ event }) => event === 'confirming');
  return wasConfirmed ? Math.max(oneAttemptMs, ...ends) : oneAttemptMs;
}

/** Where a dead worker's request fell in the same time, it cannot be told which of the two was whose. */
function isContradicted(result: Result, endedAtMs: number, requests: readonly LoggedRequest[]): boolean {
  if (result.outcome !== 'down' || CONTENT_CAUSES.includes(result.cause)) return false;
  const during = requests.filter(
    ({ atMs }) => atMs >= result.startedAtMs - TRAVEL_MS_MAX && atMs <= endedAtMs + TRAVEL_MS_MAX,
  );
  return during.length > 0 && during.every(({ answer }) => isWellInTime(answer, endedAtMs));
}

const isWellInTime = (answer: LoggedRequest['answer'], endedAtMs: number): boolean =>
  answer !== null && answer.status < 400 && answer.atMs < endedAtMs - TRAVEL_MS_MAX;
