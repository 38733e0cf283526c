import { expect } from 'chai';
import type { HistoryEvent } from '../../../lib/history/event.ts';
import { findBreaches } from '../../../scripts/history/find-breaches.ts';
import type { LoggedRequest, Result, Tables } from '../../../scripts/history/tables.ts';
import {
  aGap,
  aResult,
  aSchedule,
  openBatch,
  ran,
  tablesOf,
  toDatabaseMs,
  told,
  toUs,
} from '../../support/a-history.ts';

interface World {
  readonly history: readonly HistoryEvent[];
  readonly tables: Tables;
  readonly requests?: readonly LoggedRequest[];
}

/** Target 1 is inserted at 3 s, off the grid of 10 s, and the next slot is that at 30 s. */
const FIRST = 3_000;
const SECOND = 10_000;
const THIRD = 20_000;
const RESULTS = [aResult(FIRST), aResult(SECOND), aResult(THIRD)];
const AROUND = [...ran('a', FIRST), ...ran('a', THIRD)];

/** All is well but for what happens to the second slot. */
const second = (events: readonly HistoryEvent[], tables: Partial<Tables> = {}): World => ({
  history: [...ran('a', FIRST), ...events, ...ran('c', THIRD)],
  tables: tablesOf(RESULTS, tables),
});
const withTables = (tables: Partial<Tables>): World => ({
  history: [...AROUND, ...ran('b', SECOND)],
  tables: tablesOf(RESULTS, tables),
});
const withSecondResult = (more: Partial<Result>): World =>
  withTables({ results: [aResult(FIRST), aResult(SECOND, more), aResult(THIRD)] });
const withoutSecondResult = { results: [aResult(FIRST), aResult(THIRD)] };
const request = (slotMs: number, status: number | null, answeredAfterMs = 1): LoggedRequest => ({
  targetId: '1',
  atMs: toDatabaseMs(slotMs + 2),
  answer: status === null ? null : { atMs: toDatabaseMs(slotMs + 2 + answeredAfterMs), status },
});
/** Down after a second */
const withSecondDown = (cause: Result['cause'], ...asked: readonly LoggedRequest[]): World => ({
  ...withSecondResult({ outcome: 'down', cause, totalUs: 1_000_000 }),
  requests: [request(FIRST, 200), ...asked, request(THIRD, 200)],
});

/** Fetched again after half a second, for as long again */
const CONFIRMED = [
  told('b', 'leased', SECOND, SECOND + 1),
  told('b', 'started', SECOND, SECOND + 2),
  told('b', 'confirming', SECOND, SECOND + 500),
  told('b', 'finished', SECOND, SECOND + 1_000),
  told('b', 'recorded', SECOND, SECOND + 1_001),
];
const withSecondConfirmed = (first: number, last: number): World => ({
  ...second(CONFIRMED, {
    results: [
      aResult(FIRST),
      aResult(SECOND, { outcome: 'down', cause: 'connection_reset', totalUs: 500_000 }),
      aResult(THIRD),
    ],
  }),
  requests: [request(FIRST, 200), request(SECOND, first), request(SECOND + 500, last), request(THIRD, 200)],
});

const problemsOf = ({ history, tables, requests }: World): readonly string[] =>
  findBreaches(history, tables, requests ?? null).map(({ invariant, problem }) => `${invariant} ${problem}`);

describe('findBreaches', () => {
  describe('accepts', () => {
    const LATE = SECOND + 4_000;
    const accepted: Readonly<Record<string, World>> = {
      'nothing at all': { history: [], tables: tablesOf([], { schedules: [] }) },
      'slots on the grid, after a first off it': second(ran('b', SECOND)),
      'a slot that was leased before its time, and run in it': second(ran('b', SECOND, SECOND - 1)),
      'a second request of a check that was made again': withSecondConfirmed(503, 200),
      'a takeover from a worker that was killed before it had heard of its lease': second(
        ran('b', SECOND, LATE, 2),
      ),
      'a takeover from a worker that was killed in its fetch': second([
        told('a', 'leased', SECOND, SECOND + 1),
        told('a', 'started', SECOND, SECOND + 2),
        ...ran('b', SECOND, LATE, 2),
      ]),
      'a takeover from a worker that was killed with its check unrecorded': second([
        ...ran('a', SECOND).slice(0, 3),
        ...ran('b', SECOND, LATE, 2),
      ]),
      'a check that was recorded by a worker that was killed before it knew': second(
        ran('a', SECOND).slice(0, 3),
      ),
      'a paused worker that goes on after the takeover and is refused': second([
        ...ran('a', SECOND).slice(0, 2),
        ...ran('b', SECOND, LATE, 2),
        told('a', 'finished', SECOND, LATE + 5),
        told('a', 'lost', SECOND, LATE + 6),
      ]),
      'a slot that was given back, and taken over at once': second([
        ...ran('a', SECOND).slice(0, 2),
        told('a', 'returned', SECOND, SECOND + 3),
        told('a', 'given_back', SECOND, SECOND + 9),
        ...ran('b', SECOND, SECOND + 5, 2),
      ]),
      'a slot that a worker gave back and took over itself': second([
        told('a', 'leased', SECOND, SECOND + 1),
        told('a', 'returned', SECOND, SECOND + 3),
        told('a', 'given_back', SECOND, SECOND + 4),
        ...ran('a', SECOND, SECOND + 5, 2),
      ]),
      'slots that nobody ran, and that are a gap': {
        history: ran('a', THIRD),
        tables: tablesOf([aResult(THIRD)], { gaps: [aGap(FIRST, SECOND, 2)] }),
      },
      'a slot that was started and skipped, in a batch that is still open': second(
        [
          ...ran('a', SECOND).slice(0, 2),
          told('a', 'skipped', SECOND, SECOND + 3),
          told('a', 'made_gap', SECOND, SECOND + 4),
        ],
        {
          ...withoutSecondResult,
          gaps: [aGap(SECOND, SECOND, 1, 'still_running')],
          openBatches: [openBatch(SECOND)],
        },
      ),
      'a slot that was started, given up, and is a gap': second(ran('a', SECOND).slice(0, 2), {
        ...withoutSecondResult,
        gaps: [aGap(SECOND, SECOND, 1)],
      }),
      'a slot that is under way in an open batch, beside one that is recorded': second(
        ran('a', SECOND).slice(0, 1),
        {
          ...withoutSecondResult,
          openBatches: [openBatch(FIRST, SECOND)],
        },
      ),
      'a grid that an edit has moved': withTables({
        schedules: [aSchedule({ sinceUs: toUs(THIRD), gridOriginUs: toUs(0) })],
      }),
      'slots of a target that is no longer there': withTables({ schedules: [] }),
      'a down that the website tells of, too': withSecondDown('http_status', request(SECOND, 503)),
      'a down of which the website has heard nothing': withSecondDown('connect_timeout'),
      'a down whose answer the website could not send to its end': withSecondDown(
        'transfer_timeout',
        request(SECOND, null),
      ),
      'a down whose answer came too late': withSecondDown('response_timeout', request(SECOND, 200, 990)),
      'a down by its content, though the website answered': withSecondDown(
        'regex_mismatch',
        request(SECOND, 200),
      ),
      'a second request for a slot that was taken over': {
        ...second([...ran('a', SECOND).slice(0, 2), ...ran('b', SECOND, LATE, 2)]),
        requests: [FIRST, SECOND, SECOND, THIRD].map(slotMs => request(slotMs, 200)),
      },
    };
    for (const [sentence, world] of Object.entries(accepted)) {
      it(sentence, () => expect(problemsOf(world)).to.deep.equal([]));
    }
  });

  describe('rejects', () => {
    const SOON = SECOND + 500;
    const LATE = SECOND + 4_000;
    const begun = ran('a', SECOND).slice(0, 2);
    const finished = ran('a', SECOND).slice(0, 3);
    const takenOver = ran('b', SECOND, LATE, 2);
    const wrongGap = { ...withoutSecondResult, gaps: [aGap(SECOND, SECOND, 2)] };
    const gap = { ...withoutSecondResult, gaps: [aGap(SECOND, SECOND, 1)] };
    const openTwice = { ...withoutSecondResult, openBatches: [openBatch(SECOND), openBatch(SECOND)] };
    const underWay = { ...withoutSecondResult, openBatches: [openBatch(SECOND)] };
    const gapsAlone = (...gaps: Tables['gaps']): World => ({ history: [], tables: tablesOf([], { gaps }) });

    const rejected: Readonly<Record<string, readonly [World, ...problems: string[]]>> = {
      'a slot that two workers recorded': [
        second([...ran('a', SECOND), ...takenOver]),
        '1 recorded twice',
        '3 recorded under a lease that had been taken over',
      ],
      'a slot with two checks in the tables': [
        withTables({ results: [...RESULTS, aResult(SECOND)] }),
        '1 in the tables twice',
        '2 accounted for twice',
      ],
      'a check that is recorded and not there': [
        second(ran('b', SECOND), gap),
        '2 recorded, but not in the tables',
      ],
      'a check that is there, and that nobody made': [
        second(begun),
        '2 in the tables, but no worker finished it',
      ],
      'a check that is there, and whose worker was told that it is not': [
        second([...finished, told('a', 'lost', SECOND, LATE)]),
        '5 in the tables, but no worker learned so',
      ],
      'a check that its worker never recorded, though it recorded later ones': [
        { history: [...ran('a', FIRST), ...finished, ...ran('a', THIRD)], tables: tablesOf(RESULTS) },
        '5 in the tables, but no worker learned so',
        '2 answered out of order',
      ],
      'a slot with a check and a gap': [
        withTables({ gaps: [aGap(SECOND, SECOND, 1)] }),
        '2 accounted for twice',
      ],
      'two gaps that overlap': [
        gapsAlone(aGap(FIRST, SECOND, 2), aGap(SECOND, THIRD, 2)),
        '2 accounted for twice',
      ],
      'a gap within a longer one': [
        gapsAlone(aGap(FIRST, THIRD, 3), aGap(SECOND, SECOND, 1)),
        '2 accounted for twice',
      ],
      'a gap over a slot that is under way': [
        second(begun, { ...gap, openBatches: [openBatch(SECOND)] }),
        '2 accounted for twice',
      ],
      'a slot that was lost on the way': [second(begun, withoutSecondResult), '2 not accounted for'],
      'a slot before the first that anyone knows of': [
        withTables({ schedules: [aSchedule({ sinceUs: toUs(-20_000) })] }),
        '2 not accounted for',
      ],
      'a slot after the last that anyone knows of': [
        withTables({ schedules: [aSchedule({ nextUs: toUs(40_000) })] }),
        '2 not accounted for',
      ],
      'a target that was never looked at': [{ history: [], tables: tablesOf([]) }, '2 not accounted for'],
      'a gap that says two of one slot': [second([], wrongGap), '2 a gap with a wrong count'],
      'a check that was made again, and is down though the website answered well both times': [
        withSecondConfirmed(200, 200),
        '4 down, but the website had answered correctly',
      ],
      'a slot leased to two workers': [
        second([...begun, told('b', 'leased', SECOND, SOON)], underWay),
        '3 leased twice under one epoch',
      ],
      'a takeover before the lease has expired': [
        second([...begun, ...ran('b', SECOND, SOON, 2)]),
        '3 taken over before the lease had expired',
      ],
      'a slot in two open batches': [
        second(begun, openTwice),
        '3 in two open batches',
        '2 accounted for twice',
      ],
      'a record by a worker whose lease had been taken over': [
        second([...finished, ...takenOver.slice(0, 2), told('a', 'recorded', SECOND, LATE + 9)]),
        '3 recorded under a lease that had been taken over',
      ],
      'a start without a lease': [second(ran('b', SECOND).slice(1)), '3 started without a lease'],
      'a start under a lease that another has': [
        second([told('a', 'leased', SECOND, SECOND + 1), ...ran('b', SECOND).slice(1)]),
        '3 started without a lease',
      ],
      'a start after the lease has expired': [
        second([told('a', 'leased', SECOND, SECOND + 1), ...ran('a', SECOND, LATE).slice(1)]),
        '3 started after its lease had expired',
      ],
      'a second start under one lease': [
        second([...begun, ...ran('a', SECOND, SECOND + 2).slice(1)]),
        '3 started twice under one epoch',
      ],
      'a check without a start': [
        second(ran('b', SECOND).filter(({ event }) => event !== 'started')),
        '3 finished without having been started',
      ],
      'a website that was asked more often than anyone says': [
        { ...second(ran('b', SECOND)), requests: Array(4).fill(request(SECOND, 200)) },
        '3 more requests than starts',
      ],
      'a down of a website that had answered well': [
        withSecondDown('response_timeout', request(SECOND, 200)),
        '4 down, but the website had answered correctly',
      ],
      'a check off the grid': [
        {
          history: [...AROUND, ...ran('b', SECOND), ...ran('b', SECOND + 1_000)],
          tables: tablesOf([...RESULTS, aResult(SECOND + 1_000)]),
        },
        '9 off the grid',
      ],
      'a run before its slot': [second(ran('b', SECOND, SECOND - 2)), '10 run before its slot'],
      'a check from before its slot': [
        withSecondResult({ startedAtMs: toDatabaseMs(SECOND - 1) }),
        '10 in the tables as run before its slot',
      ],
      'a negative duration': [withSecondResult({ totalUs: -1 }), '10 a negative duration'],
      'a monotonic clock that goes back': [
        { history: [...ran('b', THIRD), ...ran('b', FIRST), ...ran('a', SECOND)], tables: tablesOf(RESULTS) },
        '10 a monotonic clock that went back',
      ],
    };
    for (const [sentence, [world, ...problems]] of Object.entries(rejected)) {
      it(sentence, () => expect(problemsOf(world)).to.deep.equal(problems));
    }
  });

  it('says where: the invariant, the slot to the microsecond, and who', () => {
    const { history, tables } = second(ran('b', SECOND).slice(1));
    expect(findBreaches(history, tables)).to.deep.equal([
      {
        invariant: 3,
        problem: 'started without a lease',
        targetId: '1',
        scheduledAt: '2026-01-01T00:00:10.000000Z',
        detail: 'by b',
      },
    ]);
  });
});
